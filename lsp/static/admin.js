// Keys for the checklist: arrows move between rows, M T C judge and note. Each presses a link or button that is there.
// Only while the focus is in the checklist: a letter pressed elsewhere must not record a verdict (WCAG 2.1.4).
document.addEventListener('keydown', (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest('input,select,textarea')) return;
  const checklist = event.target.closest('#checklist');
  if (!checklist) return;
  const key = event.key.length > 1 ? event.key : event.key.toLowerCase();
  const goal = [...checklist.querySelectorAll('[data-key]')].find((node) => node.dataset.key === key);
  if (!goal) return;
  event.preventDefault();
  if (goal.matches('textarea')) goal.focus();
  else if (!goal.disabled && !goal.getAttribute('aria-disabled')) goal.click();
});
