// Clicks and drags on a drawing of the clip: they seek, and with Shift they mark a part.
// On a drawing that scrolls sideways a finger scrolls; there a tap seeks.
export function followDrags(surface, { secondsAt, seek, mark, scrolls = false }) {
  let begun = null;
  let isMarking = false;
  let isFinger = false;

  surface.addEventListener("pointerdown", (event) => {
    isFinger = event.pointerType === "touch";
    if (event.button !== 0 || (scrolls && isFinger)) return;
    surface.setPointerCapture(event.pointerId);
    begun = secondsAt(event);
    isMarking = event.shiftKey;
    if (!isMarking) seek(begun);
  });
  surface.addEventListener("pointermove", (event) => {
    if (begun === null) return;
    const now = secondsAt(event);
    if (isMarking) mark(Math.min(begun, now), Math.max(begun, now));
    else seek(now);
  });
  for (const name of ["pointerup", "pointercancel"]) surface.addEventListener(name, () => { begun = null; });
  surface.addEventListener("click", (event) => { if (scrolls && isFinger) seek(secondsAt(event)); });
  return { isDragging: () => begun !== null };
}
