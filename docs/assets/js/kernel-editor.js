// The kernel editor: nine numbers, and at once the feature map that they make.
(function () {
  "use strict";

  // What nnbook/_kernels.py says: the nine numbers, and what they are divided by.
  var KERNELS = {
    "identity": [[0, 0, 0, 0, 1, 0, 0, 0, 0], 1],
    "blur": [[1, 2, 1, 2, 4, 2, 1, 2, 1], 16],
    "sharpen": [[0, -1, 0, -1, 5, -1, 0, -1, 0], 1],
    "emboss": [[-2, -1, 0, -1, 1, 1, 0, 1, 2], 1],
    "edge": [[-1, -1, -1, -1, 8, -1, -1, -1, -1], 1],
    "Sobel x": [[-1, 0, 1, -2, 0, 2, -1, 0, 1], 1],
    "Sobel y": [[-1, -2, -1, 0, 0, 0, 1, 2, 1], 1],
    "Laplacian": [[0, 1, 0, 1, -4, 1, 0, 1, 0], 1]
  };
  var LARGEST = 1000; // of a weight

  // The roof of the chapter's photograph, rows 15 to 78 and columns 70 to 133, a byte a pixel.
  // Photograph: danielbuechele, CC BY 2.0, as it comes with scikit-learn.
  var PHOTOGRAPH =
    "2djY2tnZ2dnb2tnZ2dra2trb29zb3Nvb3Nzd29ZzV1xkfJm/1tze3t3d3d3d3t7e3t7g4N/g4OLh4uHj4+Li4tnY2NrZ2dna29rZ" +
    "2dra2trb29zb29zb29zb2t5kQERLTlp3jJvX3t7d397e3t7e39/e4ODf4ODh4uLh4+Pj4uLZ2NnZ2tnZ2drb2tra2tvb29vb2tzc" +
    "29vc29niSTo/P1ZWbXyMwN7d3d7d3t7e3t/f3t/g3+Dg4eLi4ePj4+Lj2NjZ2NrZ2drZ2tra2trb29vb29rd3Nva3Nvc41s8PEFU" +
    "XW94jcXd3N3e3t/f3d7e3t7e4ODh4OLi4uHj4+Pi49jY2Nja2dnZ2dra2tra29zc3Nva3Nzb29zb3OBzQj88S1l0eo7S3d7c3t7e" +
    "3t3e3t7e3t/g4ODi4uLh4+Pj4uTZ2NnZ2dnZ2tra2tra2tvb29vb2tvc29vc3NvbmD84OEBHZHCS3d7e3t7e3t3g39/h4eHh4ODg" +
    "4eLi4eLi4uPj2tnZ2djY2dnb2tra2trb2tva2trb3Nzb29za28g4Ojw+SF1xnd/c3t7e39/f4N/f4eHh4eDg4OLi4uHi4uLj49nZ" +
    "2dnZ2tna2tra2tra29ra2tvb29vb2tzc29zhSDo+PFBoesDd39ze3t/f39/f3+Hh4eHg4ODh4uLh4uLi4+TY2dnZ2drb2tra29ra" +
    "29rb2dvb3Nzc3Nzb29rc3HFXioV8fYXb3+Df3t7f3t/g39/h4eHh4eHg4uLi4eLi4uPk2NnZ2tna2tra2tnZ2dnZ2trb29vb3Nzc" +
    "29za2o5/fq3Q3dHg29re3t7e39/f39/g4eHh4ODg4OHi4uHj4uLj49nZ2dra2tnZ2dnZ2tra2tzb29vb2trb29ra2r5qeXey0NfX" +
    "5uDh3d7e3t/f4ODf4OHh4eHg4OLi4uLh4+Li4uPa2dna2trb2trZ2drb29vb3Nzc29rb3Nva3NeGYl1PdoSVpLPQ5dzf3d7e4ODg" +
    "3+Dh4eHh4ODi4uLi4ePi4uLk2dnZ2tnZ2dnZ2Nra2trb29vb29zc3Nva29m5NTIsLD1CPERDhanS3d/e3+Df4N/g4eHh4eHg4uLi" +
    "4uHj4uLj49nY2drZ2NjY2dja29vb3Nra2trb3N3b3NzeVjktLy9TRUdHTGd3ieHf3t/g4ODf3+Hh4eHh4eHh4uHh4uLi4+TY2NjZ" +
    "2NjY2Nra2tra2tzb3Nzc3d3c3dvb2IlFLDg4dGVkXmyJYq7c3t/f4ODg3+Dh4eHh4ODi4uHh4eLi4uPk2drY2djZ2drb29ra2trc" +
    "3Nvb3N3d3dvc3NmhPj44QmpwZ21yn5XK29/f39/f4ODh4N/h4eDg4eHh4eLi4uPi49jY2dnY2tra29rb29vb29zb3N3c3Nzc3N3U" +
    "lzMxLkeHUV1UXZeaudzd39/f3uHh4N/g4ODg4OHg4eLi4uLj4uPZ2drZ2dna2tra29vb29vb3Nzc3Nzd3dzWo2E9ODRom1FfaFZb" +
    "m5Pj2t/f4N/f4ODf4ODg4ODg4uHi4uLi4+Pj2tra2dnb29vb29zc3Nzb29zc3Nzb3NzWullNJCUijJxJV0wmNn+cmNHb39/f3uDg" +
    "4ODf4OHh4eDf4+Hi4+Pj49ra29va2tra2tvc3Nzc3Nvc3Nzc2t3Yt4hXPSIvM6KiRDUyLyk6ik1/29rg4N/f4ODf4OHh4uDi4+Hi" +
    "4uPj4+PZ2tra29vb29vb29vb29zb29vc29zYtpBvcz0/NGGrnkphXyw3KkN8O3/d2t/h4ODg4OHh4eDh4eLi4uPj4+Pl29vZ29rb" +
    "3Nzc29vb29vd3N3c3NratZVwe3paT0JzoqxOkG49RDQ6QnNFeNDZ4t/i4eDh4eHi4uLi4uLj4+Lj5Nvb2tra29zc3Nvc3Nvb3Nzc" +
    "3NrWrI5kcn2kVkk7qKNtdY5PcU8xNTJPckR6y9vf4OLg4eHh4uHi4uPj4+Tk5OTa2tva29vc3Nzb29vc3dzc3tbWoIhmdXiKdE5B" +
    "cayoSJpmXpllSj06OlaAWmSx3d/i4OLi4uLi4uLj4+Lk5OTk2trb2tvb29vb29zc3Nzc3dbQl4x1co2cpmhWVIynm1uMSol9U4pN" +
    "Ojc9UIBJUaTZ3uHh4eHi4uLi4+Pi5OPk49vb29vb29zc3Nzc3Nzc2de5nHqCgpOtqp9mVmaurk+PYmaVUHaKRT8+NThQeE9DhNLd" +
    "4eLi4OHi4+Pj4uTk5OTb29zc2tvc3Nzc3d3b2c6fe3aBfnqtrqGlX1uPnapqmkyVZ1+bX2SMNTc5N0drSkB+vOHe4eHi4eHj4+Lk" +
    "5OTk29vb29ra3Nvd29rU07GJe3p4jKetq6min1t0sp1koGJvkUqOdlWRXV5XKTA0RGplSFGf1Nvh4uPh4uPi5OTk5Nra29va2tvc" +
    "2tfWtpV+c3h6mqqoq6iwnY5ko5yfi4xWmVR6flWRclSXXk9KLjA7VnBJTXbD4N3i4uPj4+Pk5OTb2trb29ra1dq9n3d1fYCCi66p" +
    "rqikk6VqfbK1Z6FSkXxjmkuJg1CVaWOZQDgyMTNCblxIT5La3+Li4uPi5OTj3Nrc29rZ18GehnSGd32ssqunsqitk5Cje62yoqFp" +
    "epBQl1yCgVqGeFKdW2SKLzszLj5YZ0dMbq/e3uLk4eDi5Nvd2tXZwJ6Gg5GAgYWrrq2orKmlsFubg7SpvJh6XaRVhH9dnU+Jhk2d" +
    "ZG6VUXNTKS80LkRldD5YfMnh4Nza2+HZ2dW1oYdmdIp4pq2up6euo6ahprU4kaidoYmJUpVuc45WlV16g1aTblqfVnmNRH4+QC8x" +
    "N0lpaTxRk9OzbNDdza2afHd7coGMoKaoqKqrpaimnH9uTJCLlpeMU4uBYJlRhHxhmVCUd1qhU3yPTJNpX1gsNzgyOkplZFVLezVt" +
    "wY5maX5yeJqyq6mtraqqra6prHyAXZB2m56iT4SEXZlnd4RQnkqMeFuZV4F+XJV0YpBYcEw7LEJPOkhQYUU8OmyFlYKMhKOvqayq" +
    "qamnrLGwq7k3SqeqoqCSUIiAW6Bie4xVoFuAeF+XWIp/XZ1lb5dMkmxkcDlGOTM4SzQuNDN8fXenrbCvr62pqa6rsK6xrK6pbYKR" +
    "ip5/cZdsa51qgJFekGKCglyZToh7WJ5TjIVbmlaFfVqMSVc2OzM+OjJSWaqorrG2s62vsq2wsrWyrK6SK1CHgG+Ig4F3apJlhIli" +
    "m2KHg2WZU5Rsc5hSlWtyl1qHbnOMV45mZE83NC0wL0ars66xtK+vtLizsq+urax5MBYlcimUVnx8h3lVhXBojWN4bmiMXY9ieH5e" +
    "ll2LgWyca318YZ1dkWxwYE5pOUI3ubKzsLC1sq6tqaKlnalRPxowFGk+IS98UFxgiF9xhVOBfV9+TpBNgntejkyJX26KWIxka3ha" +
    "gVh+V11oS2hIW6OwsKaro6KppKGwnZYsIyUeDgomKRIqOENfZFJQZ018YW53WJBYlWFvglWMVnd5U4lRhGZleFmHVX9ca2xZZmCw" +
    "q6K0obKksadoekwWHCwQDB4jLTAXJBsWQTgudjZbPEZGSllAW1JKcUl7UXBlYIlJjFeAaVqPVINXcmBdXD9Hhq5/XI5JJEwtHCAZ" +
    "HSQWIiUWECk2HAoTFCMeJzEaQSJRLFE5R1I1YjBbNFJPS2NBZkFWQURRPFlJUjNIQDw4PjIsHRsXGB0kJCMVHxkJDgwNDQ0UHyMW" +
    "EgkMBwgODxIpICEpIiEpKiEsNB0zKC4sPT0jQStIJTk8MkEwSCFIMikhIBwZGRYTEAwIChAaCg0VIw8cFyIiGh0TFw8eGBMSGR0W" +
    "ChARDg4QDhMTEhYXFxgZGBkcGCguIB8fIR0gGhMTCgwIDQwOCw0SDBEIEhANDhYdGxYYFxcWIB4dFyULFxYXFREYHBoLFhgdERIW" +
    "IhgRGh8eDRgfIxwdHCQSKA8nHQ4UEhAKFBMMCxILERQSDRQeGhcUEBQbEhQcEyEmEhkXIxQWGRweExsXJg8WFiAaGx0eIhYZJCcV" +
    "HCMiJiMmIx8MDBAJERIMEREMFQoRFBAOEBwlFxsTHxEbHhEsJyEZJykkGhgoIhwaHSoaHRItHhoVLR8aFyEhHRwfJhwyIh8+Eg4O" +
    "EgoQEQ4QEhQcDBMaEA0VFA4SFBkfJCEdIzUrIhY8RigaQEMwGjU7OCAsODgeJzgyHSIzLRwhJB46Ii07OhAXDxUeDhQjFBUbGxQS" +
    "GCMhHCUjYVdFQU8/RjtFQEBGQC40MzQuIzA3HyIpNSkuIi8zOSQmNTYmICwbKio3HjgWFRMTExkWGigkLC4xMio0OkJDMHJ7VmBj" +
    "TnZ5XWhEcVBVYmVXYmxWVVpUUlhfV1ldXFJUUEZOUEY9KlNIRkYjKzozP0BERkRCP01NR1RPUU5fXGFqiFRYWE59bnJ2RZFKfY9y" +
    "d419dIZwcnx3c5R/gnp8dVxhc2d8bT54dWqIaT1FTlxOXFpUbFZWWFdpVERMZlpcRT1UbzZdZnlmdUp+UWxxd3yGg4KJh32MkHak" +
    "f4mCl4FTYn5+fH86aIZ8kZdZXFhjWGxpXmNPUUg0KzlVNxciIScmQjk2PTg5NzAXdTJDQTxBOzlAPj5CQEBEO0dHRkFNS3lUVWFa" +
    "Vz52gJ2oRz5BNCooJCMjIyYnKSYqLzMjJSQiKSI8NkRKRjY3Izo+QExGREQ9OEA7Ojg6Nzg3OTlILCluREE+PEYfK3tGXhsqJiUj" +
    "JCYkKDMyO1VWOSovJCZhWCYjNjdLhH1NOSI8QEaElIKUfFyNhYmISnuOi4twNi4tSUdbYE86Ij1bWkYrNE5kZD52bXJkUXNiaEIn" +
    "LCMmW1UlJTU2Snl5SjYiNzlHfYGVfHZUfpCMgU2BipGMgDQqLElCcIBrPR86d1RGKUNrY2hGYXJrW05fgV9CJSohK1hTJSU1N099" +
    "fE82Ijc4Z36Dn31+WX2RkX9Vh4Cfg4g2JytKRWyBcTohO3FPSihEX35dR2B1aGNMYX9fQSUqISpdWycmNjVRi4JVNSE1OE6EmoOS" +
    "gl2DjJF+V4aTj5KENikpTUZtiHM4IDxsS0wpQWN5YkNmcXheUXJmdkYkJiAmTUYlIzM0UF5iTjgiNjhQZGdxc2xOf3N0fVN1ioyI" +
    "ejIsJ1FGcIZ7Oh86fFtPKEZ2b3Y9eWpcZ0lQUUI0IyceMisqIyI1Nzk5ODszITc+OT5AP0FBRkdHR0lISEdJSEpMKSdQSVdVUkse" +
    "NmdmUCY4QTo1MikmJCMlIiIfICIlIyEjKCghMzI7NzU6OSY3NTY5OkBAQj9BQkJFSElJSUlGRUQpUD9IRENBMjh5flEiIiMjISAi" +
    "ISIiISIiIh8iJSUjIkNBQD85UTg4NzgmNTUyMjM1NDg3Nzo9Oz1ESENDRkdKK1A6S01KTFFkjp2IHiEfHR8fHR8fIB4eICEhISUq" +
    "JyZEZkREOEJLVU9PU1VRTkpTRUlHVEtMTE5LTEpNSkxKUT9MTkdNSEZWbYh/dQ==";

  function decoded(text, width) {
    var bytes = window.atob(text), rows = [];
    for (var start = 0; start < bytes.length; start += width) {
      rows.push(Array.from(bytes.slice(start, start + width), function (c) { return c.charCodeAt(0); }));
    }
    return rows;
  }

  function drawn(size, gray) {
    return Array.from({ length: size }, function (_, y) {
      return Array.from({ length: size }, function (_, x) { return gray(x, y); });
    });
  }

  function letter(x, y) {
    var stem = x >= 17 && x <= 24 && y >= 10 && y <= 53;
    var bars = x >= 17 && x <= 32 && ((y >= 10 && y <= 16) || (y >= 28 && y <= 34));
    var away = Math.hypot(x - 32, y - 22);
    var bowl = x > 32 && away <= 12.5 && away >= 5.5;
    var leg = y > 34 && y <= 53 && Math.abs(x - 31 - (y - 34) * 0.72) <= 4.5;
    return stem || bars || bowl || leg ? 230 : 40;
  }

  function rings(x, y) {
    var squared = (x - 31.5) * (x - 31.5) + (y - 31.5) * (y - 31.5);
    return Math.round(127.5 + 127.5 * Math.cos(0.016 * squared));
  }

  var PICTURES = {
    "photograph": { pixels: decoded(PHOTOGRAPH, 64), at: [27, 51] },
    "letter": { pixels: drawn(64, letter), at: [20, 17] },
    "rings": { pixels: drawn(64, rings), at: [31, 50] },
    "one dot": { pixels: drawn(11, function (x, y) { return x === 5 && y === 5 ? 255 : 0; }), at: [4, 4] }
  };

  // As nnbook.scratch.filters.correlate2d, in the same order, so that not even the rounding differs.
  function correlate2d(picture, kernel) {
    var height = picture.length - kernel.length + 1;
    var width = picture[0].length - kernel[0].length + 1;
    return Array.from({ length: height }, function (_, r) {
      return Array.from({ length: width }, function (_, c) {
        var sum = 0;
        kernel.forEach(function (row, i) {
          row.forEach(function (weight, j) { sum += weight * picture[r + i][c + j]; });
        });
        return sum;
      });
    });
  }

  function element(tag, className, text) {
    var made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function said(number) {
    var rounded = Math.round(number * 100) / 100;
    return (rounded < 0 ? "−" : "") + String(Math.abs(rounded));
  }

  function group(name, className) {
    var fieldset = element("fieldset", "nn-kernel__group " + className);
    fieldset.append(element("legend", "", name));
    return fieldset;
  }

  function numberField(label, value) {
    var input = element("input", "nn-kernel__number");
    input.type = "number";
    input.step = "any";
    input.value = value;
    input.setAttribute("aria-label", label);
    return input;
  }

  function view(name, tag) {
    var box = element("div", "nn-kernel__view");
    var screen = element("div", "nn-kernel__screen");
    var canvas = element("canvas");
    var frame = element("div", "nn-kernel__frame");
    frame.setAttribute("aria-hidden", "true");
    screen.append(canvas, frame);
    box.append(screen, element("p", "nn-kernel__name", name));
    return { box: box, screen: screen, canvas: canvas, frame: frame };
  }

  // Put a box over rows r.. and columns c.. of a picture of `size` rows and columns.
  function place(box, r, c, span, size) {
    box.style.top = (100 * r) / size + "%";
    box.style.left = (100 * c) / size + "%";
    box.style.width = box.style.height = (100 * span) / size + "%";
  }

  function paint(canvas, rows, low, high) {
    canvas.width = rows[0].length;
    canvas.height = rows.length;
    var context = canvas.getContext("2d");
    var data = context.createImageData(canvas.width, canvas.height);
    rows.forEach(function (row, r) {
      row.forEach(function (value, c) {
        var gray = Math.max(0, Math.min(255, Math.round((255 * (value - low)) / (high - low))));
        data.data.set([gray, gray, gray, 255], 4 * (r * canvas.width + c));
      });
    });
    context.putImageData(data, 0, 0);
  }

  function build(root) {
    var state = { picture: "photograph", at: PICTURES.photograph.at.slice() };
    var fields = [], buttons = {}, waiting = 0;

    var weights = group("The nine weights", "nn-kernel__weights");
    var grid = element("div", "nn-kernel__grid");
    for (var n = 0; n < 9; n++) {
      fields.push(numberField("Weight in row " + (Math.floor(n / 3) + 1) + ", column " + ((n % 3) + 1), 0));
      grid.append(fields[n]);
    }
    var divisor = numberField("All of them divided by", 1);
    var divided = element("label", "nn-kernel__divided", "divided by ");
    divided.append(divisor);
    weights.append(grid, divided);

    var named = group("Kernels with a name", "nn-kernel__named");
    function button(name, press) {
      var made = element("button", "nn-kernel__button", name);
      made.type = "button";
      made.addEventListener("click", press);
      named.append(made);
      return made;
    }
    Object.keys(KERNELS).forEach(function (name) {
      buttons[name] = button(name, function () { write(KERNELS[name][0], KERNELS[name][1]); });
    });
    button("turn by 180°", function () {
      write(fields.map(function (field) { return field.value; }).reverse(), divisor.value);
    });

    var choice = group("Picture", "nn-kernel__choice");
    Object.keys(PICTURES).forEach(function (name) {
      var label = element("label"), radio = element("input");
      radio.type = "radio";
      radio.name = root.id + "-picture";
      radio.checked = name === state.picture;
      radio.addEventListener("change", function () {
        state.picture = name;
        state.at = PICTURES[name].at.slice();
        update();
      });
      label.append(radio, " " + name);
      choice.append(label);
    });

    var input = view("picture"), output = view("feature map");
    input.canvas.setAttribute("role", "img");
    output.canvas.setAttribute("role", "application");
    output.canvas.tabIndex = 0;
    var views = element("div", "nn-kernel__views");
    views.append(input.box, output.box);

    var error = element("p", "nn-kernel__error");
    var note = element("p", "nn-kernel__note");
    var sum = element("p", "nn-kernel__sum");
    var status = element("p", "nn-kernel__status");
    status.setAttribute("role", "status");
    status.setAttribute("aria-live", "polite");

    var controls = element("div", "nn-kernel__controls");
    controls.append(weights, named);
    root.replaceChildren(controls, choice, error, views, note, sum, status);
    root.classList.add("nn-kernel--ready");

    function write(numbers, by) {
      fields.forEach(function (field, n) { field.value = numbers[n]; });
      divisor.value = by;
      update();
    }

    // An empty field, a word, or a number out of bounds.
    function isBad(field) {
      var number = field.valueAsNumber;
      return !(Math.abs(number) <= LARGEST) || (field === divisor && number === 0);
    }

    function read() {
      var bad = fields.concat(divisor).filter(function (field) {
        var wrong = isBad(field);
        if (wrong) field.setAttribute("aria-invalid", "true");
        else field.removeAttribute("aria-invalid");
        return wrong;
      });
      if (!bad.length) {
        state.numbers = fields.map(function (field) { return field.valueAsNumber; });
        state.by = divisor.valueAsNumber;
      }
      error.textContent = bad.length
        ? bad[0].getAttribute("aria-label") + ": this must be a number from −" + LARGEST + " to " + LARGEST
          + (bad[0] === divisor ? ", and not 0" : "") + ". Until then, the map shows the kernel before."
        : "";
    }

    function update() {
      read();
      var pixels = PICTURES[state.picture].pixels;
      state.kernel = [0, 3, 6].map(function (start) {
        return state.numbers.slice(start, start + 3).map(function (number) { return number / state.by; });
      });
      state.map = correlate2d(pixels, state.kernel);
      var all = state.map.flat();
      var least = Math.min.apply(null, all), most = Math.max.apply(null, all);
      var total = state.numbers.reduce(function (a, b) { return a + b; }, 0) / state.by;
      var signed = Math.abs(total) < 1e-9;
      var reach = Math.max(1, -least, most);
      paint(input.canvas, pixels, 0, 255);
      var low = signed ? -reach : total < 0 ? -255 : 0; // a kernel that adds up to -1 makes a negative
      paint(output.canvas, state.map, low, signed ? reach : low + 255);
      place(output.canvas, 1, 1, pixels.length - 2, pixels.length);

      var name = Object.keys(KERNELS).find(function (key) {
        return state.by === KERNELS[key][1] && state.numbers.every(function (number, n) { return number === KERNELS[key][0][n]; });
      });
      Object.keys(buttons).forEach(function (key) { buttons[key].setAttribute("aria-pressed", String(key === name)); });
      note.textContent = "The weights add up to " + said(total) + ". The map goes from " + said(least) + " to " + said(most) + ", drawn with "
        + (signed ? "0 as middle gray, " + said(-reach) + " as black and " + said(reach) + " as white."
          : said(low) + " as black and " + said(low + 255) + " as white; what lies outside is cut off.");
      input.canvas.setAttribute("aria-label", "The picture: " + state.picture + ", " + pixels.length + " by " + pixels.length + " pixels");
      point();
    }

    // Spell out the pixel that is pointed at.
    function point() {
      var pixels = PICTURES[state.picture].pixels, r = state.at[0], c = state.at[1];
      var rows = [0, 1, 2].map(function (i) {
        return [0, 1, 2].map(function (j) {
          var weight = said(state.numbers[3 * i + j]), pixel = pixels[r - 1 + i][c - 1 + j];
          return (weight[0] === "−" ? "(" + weight + ")" : weight) + " · " + pixel;
        }).join(" + ");
      });
      var value = said(state.map[r - 1][c - 1]);
      var first = state.by === 1 ? "" : "(";
      var last = state.by === 1 ? "" : ") / " + said(state.by);
      sum.replaceChildren(
        element("span", "nn-kernel__where", "row " + r + ", column " + c),
        element("span", "", first + rows[0] + " +"), element("span", "", rows[1] + " +"),
        element("span", "", rows[2] + last), element("strong", "", "= " + value)
      );
      place(input.frame, r - 1, c - 1, 3, pixels.length);
      place(output.frame, r, c, 1, pixels.length);
      output.canvas.setAttribute("aria-label", "Feature map. The arrow keys move to another pixel. Row " + r + ", column " + c + ": " + value);
      window.clearTimeout(waiting);
      waiting = window.setTimeout(function () {
        status.textContent = (error.textContent || note.textContent) + " Row " + r + ", column " + c + ": " + value + ".";
      }, 500); // not at every stroke of a key
    }

    function move(r, c) {
      var last = PICTURES[state.picture].pixels.length - 2;
      state.at = [r, c].map(function (k) { return Math.max(1, Math.min(last, k)); });
      point();
    }

    [input, output].forEach(function (shown) {
      ["pointermove", "pointerdown"].forEach(function (happening) {
        shown.screen.addEventListener(happening, function (event) {
          var box = shown.screen.getBoundingClientRect(), size = PICTURES[state.picture].pixels.length;
          move(Math.floor((size * (event.clientY - box.top)) / box.height), Math.floor((size * (event.clientX - box.left)) / box.width));
        });
      });
    });
    output.canvas.addEventListener("keydown", function (event) {
      var step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      move(state.at[0] + step[0], state.at[1] + step[1]);
    });
    fields.concat(divisor).forEach(function (field) { field.addEventListener("input", update); });

    write(KERNELS.edge[0], KERNELS.edge[1]);
    root.kernelEditor = { state: state, pictures: PICTURES, kernels: KERNELS, correlate2d: correlate2d }; // for tests
  }

  document.querySelectorAll(".nn-kernel").forEach(build);
})();
