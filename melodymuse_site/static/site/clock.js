// How lengths of time are written: the rule of `clock` in melodymuse_site/templatetags/player.py, for every script.
export function clock(seconds) {
  const whole = Math.floor(seconds + 0.5);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// A place in a clip: a second that has begun is not over yet, and no place lies beyond the length that is shown.
export const clockAt = (now, length) => clock(Math.min(Math.floor(now), Math.floor(length + 0.5)));
