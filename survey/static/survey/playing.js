// Counts the seconds of a sound that were really played: seeking does not count.
const STEP_LIMIT = 0.75; // seconds between two time updates that still count as playing on

export function countPlaying(audio, from = 0) {
  let seconds = from;
  let last = null;
  return {
    seconds: () => seconds,
    step() {
      const now = audio.currentTime;
      if (last !== null && !audio.seeking) {
        const step = now - last;
        if (step > 0 && step < STEP_LIMIT) seconds += step;
      }
      last = now;
    },
    skip() { last = null; },
  };
}

// Stricter than the server, so that what is unlocked here is never refused there.
export const covers = (seconds, length) => length > 0 && seconds >= Math.min(0.97 * length, length - 0.3);
