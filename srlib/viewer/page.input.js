"use strict";

// ---- Mouse, touch and keyboard ------------------------------------------------------------------

function place(event) {
  const box = event.currentTarget.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

// What a drag that begins here moves: the window, the divider or the picture.
function grip(event) {
  if (event.button === 2 || event.shiftKey) return "window";
  const divided = event.currentTarget.id === "error" || !$("beside").checked;
  return divided && Math.abs(place(event)[0] - view.divider) < 0.04 ? "divider" : "picture";
}

const drags = {
  window: (dx, dy) => setWindow(view.window + 256 * dx, view.level + 256 * dy),
  divider: (dx, dy, x) => { view.divider = x; draw(); },
  picture: (dx, dy) => { view.x -= dx / view.zoom; view.y -= dy / view.zoom; draw(); },
};
const cursors = { window: "crosshair", divider: "ew-resize", picture: "grab" };

function listen(canvas) {
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    drag = { at: place(event), by: drags[grip(event)] };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) {
      canvas.style.cursor = cursors[grip(event)];
      return;
    }
    const [x, y] = place(event);
    const [dx, dy] = [x - drag.at[0], y - drag.at[1]];
    drag.at = [x, y];
    drag.by(dx, dy, x);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (drag = null));
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY / 400), ...place(event));
  }, { passive: false });
}

function change(side, key) {
  $(side).value = key;
  listScores();
  draw();
}

function next(side) {
  const at = shown.findIndex(([key]) => key === $(side).value);
  change(side, shown[(at + 1) % shown.length][0]);
}

const keys = {
  ArrowUp: () => step(-1),
  ArrowDown: () => step(1),
  ArrowLeft: () => { view.divider -= 0.02; draw(); },
  ArrowRight: () => { view.divider += 0.02; draw(); },
  "+": () => zoomBy(1.25),
  "=": () => zoomBy(1.25),
  "-": () => zoomBy(0.8),
  0: () => { view.zoom = 1; draw(); },
  l: () => next("left"),
  r: () => next("right"),
  x: () => {
    const [left, right] = [$("left").value, $("right").value];
    change("left", right);
    change("right", left);
  },
  e: () => $("errors").click(),
  b: () => $("beside").click(),
  q: () => setWindow(view.window - 8, view.level),
  w: () => setWindow(view.window + 8, view.level),
  a: () => setWindow(view.window, view.level - 4),
  s: () => setWindow(view.window, view.level + 4),
  d: () => setWindow(WHOLE.window, WHOLE.level),
};

document.addEventListener("keydown", (event) => {
  const own = event.target.tagName === "SELECT" || event.target.type === "range";
  if (event.ctrlKey || event.metaKey || event.altKey || (own && event.key.startsWith("Arrow"))) return;
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
