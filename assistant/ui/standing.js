// Runs once, on what is said of the folder.
element.addEventListener('click', (event) => {
  if (event.target.closest('[data-act=read]')) trigger('click', { act: 'read' });
});
element.addEventListener('change', (event) => {
  if (event.target.matches('[data-since]')) trigger('input', { build: event.target.value });
});
