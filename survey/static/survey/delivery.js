// Sends the answer, keeps it in the browser until the server has acknowledged it, and only then goes on with what
// the server told: the address of the next page, and mostly the page itself.
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15_000;
const MOST_REDIRECTS = 3;

export function keepAnswer(form, texts, { before, goOn }) {
  const status = form.querySelector("[data-form-status]");
  const submit = form.querySelector("[data-submit]");
  const key = `answer:${form.dataset.study}`;
  const trial = form.dataset.trial;
  let sending = false;
  let redirects = 0;

  const say = (text) => { status.textContent = text; };

  async function send(body, wait = FIRST_WAIT) {
    sending = true;
    submit.setAttribute("aria-disabled", "true");
    say(wait === FIRST_WAIT ? texts.sending : texts.waiting);
    let response;
    let told = null;
    try {
      response = await fetch(form.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        redirect: "manual",
      });
      // A reply that is cut off is none: sent again, the same answer brings the same reply.
      if (response.status === 200) told = await response.json();
    } catch {
      response = null;
    }
    if (told) {
      store(null);
      goOn(told);
      return;
    }
    if (response && response.status >= 400 && response.status < 500 && response.status !== 408 && response.status !== 429) {
      store(null);
      await refuse(response);
      return;
    }
    // Somebody else's page, or a login that ended: it is shown, and the kept answer is sent when the clip is back.
    if (response && response.type === "opaqueredirect" && (redirects += 1) === MOST_REDIRECTS) {
      window.location.reload();
      return;
    }
    say(texts.waiting);
    window.setTimeout(() => send(body, Math.min(wait * 2, LONGEST_WAIT)), wait);
  }

  async function refuse(response) {
    sending = false;
    submit.removeAttribute("aria-disabled");
    let answer = null;
    try { answer = await response.json(); } catch { /* not ours: a proxy's page */ }
    if (!answer || answer.field === "trial") window.location.reload();
    else say(answer.problem);
  }

  function store(text) {
    try {
      if (text === null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify({ trial, text }));
    } catch { /* private mode: the answer is still on the page */ }
  }

  function stored() {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (sending) return;
    before();
    const body = new URLSearchParams(new FormData(form));
    store(body.toString());
    send(body);
  });

  // An answer kept from before a crash or a lost connection: send it if its trial is still open.
  const kept = stored();
  if (kept && kept.trial === trial) {
    const body = new URLSearchParams(kept.text);
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const [name, value] of body) {
      const field = form.elements[name];
      if (field instanceof RadioNodeList) field.value = value;
    }
    form.dispatchEvent(new Event("input")); // what is shown beside "Next" follows; nobody chose anything now
    send(body);
  } else if (kept) {
    store(null);
  }
}
