// Runs once, on the line that says who is logged in.
element.addEventListener('click', (event) => {
  if (event.target.closest('[data-act=log-out]')) fetch('/logout', { method: 'POST' }).then(() => location.assign('/login'));
});
