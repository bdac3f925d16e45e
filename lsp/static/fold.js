// Folded parts of a long page: one opens for a link to what is inside, all open for paper, and what was open stays
// open when the form is drawn anew. Without it they open by hand, and newer browsers do the first two themselves.
(() => {
  const on = (name, act) => addEventListener(name, act);
  const show = (hash) => {
    let at = hash && document.getElementById(hash.slice(1));
    for (; at; at = at.parentElement) if (at.matches('details')) at.open = true;
  };
  on('click', ({ target }) => show((target.closest('a[href^="#"]') || {}).hash));
  let shut = [];
  on('beforeprint', () => (shut = [...document.querySelectorAll('details:not([open])')]).forEach((part) => { part.open = true; }));
  on('afterprint', () => shut.forEach((part) => { part.open = false; }));
  let open = [];
  on('htmx:beforeSwap', () => { open = [...document.querySelectorAll('details[open][id]')].map((part) => part.id); });
  on('htmx:afterSwap', () => open.forEach((id) => show(`#${id}`)));
  show(location.hash);
})();
