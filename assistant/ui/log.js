// Runs once, on the element of the conversation. A citation is a real link to the document's page:
// a plain click opens the source beside the chat, any other way of opening works as usual.
element.setAttribute('role', 'region');
element.setAttribute('aria-label', 'Conversation');
element.addEventListener('click', (event) => {
  const example = event.target.closest('[data-example]');
  if (example) {
    trigger('submit', { question: example.textContent });
    return;
  }
  const link = event.target.closest('a[data-source]');
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  element.querySelectorAll('[aria-current]').forEach((other) => other.removeAttribute('aria-current'));
  link.setAttribute('aria-current', 'true');
  trigger('click', { ...link.dataset });
});

// A new question goes to the top of the column, and its answer grows below it.
let asked = 0;
watch('value', () => {
  const questions = element.querySelectorAll('.question');
  if (questions.length > asked) questions[questions.length - 1].scrollIntoView({ block: 'start' });
  asked = questions.length;
});
