// Runs once, on the receipt: a removal can be undone.
element.setAttribute('role', 'status');
element.addEventListener('click', (event) => {
  const undo = event.target.closest('[data-act=undo]');
  if (undo) trigger('click', { act: 'undo', token: undo.dataset.token });
});
