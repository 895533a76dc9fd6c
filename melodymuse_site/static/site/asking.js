// Asks an address again and again until `use` says that nothing more is to come. Slows down while the page is
// hidden or the network is away; a page that is closed simply stops asking.
const SOON = 700;
const LATER = 5000;

export function askUntilDone(address, use) {
  const ask = async () => {
    let pause = document.hidden ? LATER : SOON;
    try {
      const response = await fetch(address(), { headers: { Accept: "application/json" }, redirect: "manual" });
      // A login that ended leads elsewhere, and the page loaded anew says so.
      if (response.type === "opaqueredirect") {
        window.location.reload();
        return;
      }
      if (!response.ok) throw new Error(String(response.status));
      if (use(await response.json())) return;
    } catch {
      pause = LATER;
    }
    setTimeout(ask, pause);
  };
  setTimeout(ask, SOON);
}

const OPEN = ["queued", "running"];

/** Shows a job's state until it ends; then the page is loaded anew, and shows what came of it. */
export function followJob(address, show) {
  askUntilDone(() => address, (state) => {
    if (OPEN.includes(state.status)) { show(state); return false; }
    window.location.reload();
    return true;
  });
}
