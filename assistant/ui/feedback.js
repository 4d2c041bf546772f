// Runs once, on the list of feedback.
element.addEventListener('click', (event) => {
  const kind = event.target.closest('[data-thumb]');
  if (kind) trigger('input', { thumb: kind.dataset.thumb });
});
