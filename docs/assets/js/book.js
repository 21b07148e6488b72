// Formulas, wide boxes that the keyboard can scroll, and what print needs.
(function () {
  "use strict";

  // Formulas stand in the page as \( … \) and \[ … \]; those of headings also in the
  // contents and in the links to the next page.
  function renderMath() {
    if (typeof window.renderMathInElement !== "function") return;
    var options = {
      delimiters: [
        { left: "\\(", right: "\\)", display: false },
        { left: "\\[", right: "\\]", display: true }
      ],
      throwOnError: false,
      strict: "ignore"
    };
    document.querySelectorAll(".arithmatex, .md-ellipsis").forEach(function (element) {
      window.renderMathInElement(element, options);
    });
  }

  // A box that scrolls sideways must be reachable by keyboard, and only while it scrolls.
  var BOXES = ".md-typeset__scrollwrap, .md-typeset div.arithmatex, .md-typeset .weave-wide";
  function markScrollers() {
    document.querySelectorAll(BOXES).forEach(function (box) {
      if (box.scrollWidth > box.clientWidth + 1) {
        box.tabIndex = 0;
        box.setAttribute("role", "group");
        box.setAttribute("aria-label", box.querySelector("table") ? "Table, scrolls sideways" : "Formula, scrolls sideways");
      } else {
        ["tabindex", "role", "aria-label"].forEach(function (name) { box.removeAttribute(name); });
      }
    });
  }

  // Print shows what is folded away, and folds it back afterwards.
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.from(document.querySelectorAll(".md-content details:not([open])"));
    opened.forEach(function (details) { details.open = true; });
    document.querySelectorAll('img[loading="lazy"]').forEach(function (img) { img.loading = "eager"; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (details) { details.open = false; });
    opened = [];
  });

  renderMath();
  markScrollers();
  window.addEventListener("load", markScrollers);
  if (document.fonts && document.fonts.ready) document.fonts.ready.then(markScrollers);
  // Folded boxes and tabs have no width until they are shown.
  document.addEventListener("toggle", markScrollers, true);
  document.addEventListener("change", function () { window.setTimeout(markScrollers, 0); });
  var waiting = 0;
  window.addEventListener("resize", function () {
    window.cancelAnimationFrame(waiting);
    waiting = window.requestAnimationFrame(markScrollers);
  });
})();
