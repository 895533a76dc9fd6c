// Clicks and drags on a drawing of the clip: they seek, and with Shift they mark a part.
// A finger may be about to scroll the page: it seeks once it has gone sideways, or when it is lifted where it came down.
// On a drawing that scrolls sideways a finger scrolls; there a tap seeks.
const SIDEWAYS = 8; // pixels after which a finger drags and is no tap any more

// `mark(from, to, isDone)`; `remember()` gives a function that brings back what was before.
export function followDrags(surface, { secondsAt, seek, mark, remember, scrolls = false }) {
  let begun = null; // { seconds, x, y } of where it came down
  let isMarking = false;
  let isMoving = false;
  let isFinger = false;
  let restore = null;

  const markTo = (now, isDone) => mark(Math.min(begun.seconds, now), Math.max(begun.seconds, now), isDone);

  surface.addEventListener("pointerdown", (event) => {
    isFinger = event.pointerType === "touch";
    if (event.button !== 0 || (scrolls && isFinger)) return;
    surface.setPointerCapture(event.pointerId);
    begun = { seconds: secondsAt(event), x: event.clientX, y: event.clientY };
    isMarking = event.shiftKey;
    isMoving = !isFinger;
    restore = remember();
    if (!isMarking && !isFinger) seek(begun.seconds);
  });
  surface.addEventListener("pointermove", (event) => {
    if (begun === null) return;
    const aside = Math.abs(event.clientX - begun.x);
    isMoving ||= aside >= SIDEWAYS && aside > Math.abs(event.clientY - begun.y);
    if (!isMoving) return;
    if (isMarking) markTo(secondsAt(event), false);
    else seek(secondsAt(event));
  });
  surface.addEventListener("pointerup", (event) => {
    if (begun === null) return;
    if (isMarking) markTo(secondsAt(event), true);
    else if (isFinger) seek(secondsAt(event));
    begun = null;
  });
  surface.addEventListener("pointercancel", () => {
    if (begun !== null && (isMoving || isMarking)) restore();
    begun = null;
  });
  surface.addEventListener("click", (event) => { if (scrolls && isFinger) seek(secondsAt(event)); });
  return { isDragging: () => begun !== null };
}
