// A film is a figure with many frames. Without this script, and in print, it shows its last one.
(function () {
  "use strict";

  var ICONS = {
    back: "M17 6v12l-8.5-6zM6 6h2v12H6z",
    play: "M8 5.5v13l11-6.5z",
    pause: "M7 5.5h3.5v13H7zm6.5 0H17v13h-3.5z",
    forward: "M7 6v12l8.5-6zM16 6h2v12h-2z"
  };

  function icon(name) {
    return '<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="' + ICONS[name] + '"/></svg>';
  }

  function button(name, label) {
    var element = document.createElement("button");
    element.type = "button";
    element.className = "nn-film__button nn-film__" + name;
    element.innerHTML = icon(name);
    element.setAttribute("aria-label", label);
    element.title = label;
    return element;
  }

  // Frames lie beside the picture that the page shows, whatever folder the page is in.
  function addresses(img) {
    var shown = img.getAttribute("src").split("#");
    var folder = shown[0].replace(/[^/]*$/, "");
    return JSON.parse(img.dataset.frames).map(function (name) {
      return folder + name.replace(/^.*\//, "") + (shown[1] ? "#" + shown[1] : "");
    });
  }

  function enhance(figure) {
    var pictures = Array.from(figure.querySelectorAll("img.weave-frame")).map(function (img) {
      return { img: img, frames: addresses(img), loaded: false };
    });
    if (!pictures.length || pictures[0].frames.length < 2) return;

    var count = pictures[0].frames.length;
    var interval = Number(figure.dataset.interval) || 400;
    var current = count - 1;
    var timer = 0;

    var controls = document.createElement("div");
    controls.className = "nn-film";
    controls.setAttribute("role", "group");
    controls.setAttribute("aria-label", "Film controls");
    var back = button("back", "Previous frame");
    var play = button("play", "Play");
    var forward = button("forward", "Next frame");
    var range = document.createElement("input");
    range.type = "range";
    range.className = "nn-film__range";
    range.min = 1;
    range.max = count;
    range.step = 1;
    range.value = count;
    range.setAttribute("aria-label", "Frame");
    var label = document.createElement("span");
    label.className = "nn-film__label";
    label.setAttribute("aria-hidden", "true"); // the slider says the same
    controls.append(back, play, forward, range, label);
    figure.insertBefore(controls, figure.querySelector("figcaption"));

    function visible(picture) {
      return window.getComputedStyle(picture.img).display !== "none";
    }

    function load() {
      pictures.filter(visible).forEach(function (picture) {
        if (picture.loaded) return;
        picture.loaded = true;
        picture.kept = picture.frames.map(function (address) {
          var image = new Image();
          image.src = address.split("#")[0];
          return image;
        });
      });
    }

    // The address of the palette that is hidden stays as it is until that palette is shown.
    function draw() {
      pictures.filter(visible).forEach(function (picture) {
        var address = picture.frames[current];
        if (picture.img.getAttribute("src") !== address) picture.img.setAttribute("src", address);
      });
      var text = "frame " + (current + 1) + " of " + count;
      label.textContent = text;
      range.value = current + 1;
      range.style.setProperty("--nn-film-done", (current / (count - 1)) * 100 + "%");
      range.setAttribute("aria-valuetext", text);
    }

    function show(index) {
      current = Math.max(0, Math.min(count - 1, index));
      load();
      draw();
    }

    function playing(on) {
      window.clearInterval(timer);
      timer = on ? window.setInterval(advance, interval) : 0;
      figure.classList.toggle("nn-film--playing", on);
      play.innerHTML = icon(on ? "pause" : "play");
      play.setAttribute("aria-label", on ? "Pause" : "Play");
      play.title = on ? "Pause" : "Play";
    }

    function advance() {
      show(current + 1);
      if (current === count - 1) playing(false);
    }

    play.addEventListener("click", function () {
      if (timer) return playing(false);
      show(current === count - 1 ? 0 : current);
      playing(true);
    });
    back.addEventListener("click", function () { playing(false); show(current - 1); });
    forward.addEventListener("click", function () { playing(false); show(current + 1); });
    range.addEventListener("input", function () { playing(false); show(Number(range.value) - 1); });

    new MutationObserver(function () { if (timer || pictures[0].loaded || pictures[pictures.length - 1].loaded) { load(); draw(); } })
      .observe(document.body, { attributes: true, attributeFilter: ["data-md-color-scheme"] });

    // Print gets the light palette's last frame.
    var before = current;
    window.addEventListener("beforeprint", function () {
      before = current;
      playing(false);
      pictures.forEach(function (picture) { picture.img.setAttribute("src", picture.frames[count - 1]); });
    });
    window.addEventListener("afterprint", function () { current = before; draw(); });

    draw();
    figure.classList.add("nn-film--ready");
  }

  document.querySelectorAll("figure.weave-film").forEach(enhance);
})();
