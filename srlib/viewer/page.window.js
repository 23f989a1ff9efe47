"use strict";

// ---- Window and level: which gray levels of the pictures are shown from black to white -----------

function setWindow(window, level) {
  view.window = clamp(window, 1, 510);
  view.level = clamp(level, 0, 255);
  draw();
}

function showWindow() {
  $("window").value = view.window;
  $("level").value = view.level;
  $("window-level").textContent = `W ${Math.round(view.window)} L ${Math.round(view.level)}`;
}

// The gray level that each gray level is shown as.
function windowTable() {
  const black = view.level - view.window / 2;
  return Array.from({ length: 256 }, (_, gray) =>
    Math.round(clamp((255 * (gray - black)) / view.window, 0, 255)));
}

function applyWindow(context) {
  if (view.window === WHOLE.window && view.level === WHOLE.level) return;
  const { width, height } = context.canvas;
  const image = context.getImageData(0, 0, width, height);
  const words = new Uint32Array(image.data.buffer);
  const table = Uint32Array.from(windowTable(), (gray) => 0xff000000 | (gray * 0x010101));
  for (let i = 0; i < words.length; i++) {
    if (words[i]) words[i] = table[words[i] & 255]; // 0: nothing is drawn there
  }
  context.putImageData(image, 0, 0);
}
