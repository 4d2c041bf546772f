
// Moments are told in the reader's own time.
new MutationObserver(() => {
  for (const told of document.querySelectorAll('[data-moment]')) {
    const at = new Date(told.dataset.moment);
    told.removeAttribute('data-moment');
    const shown = { dateStyle: 'long', timeStyle: 'short' };
    if (!isNaN(at)) told.textContent = at.toLocaleString(window.footnoteWords.locale, shown) + (told.dataset.rest ?? '');
  }
}).observe(document.documentElement, { childList: true, subtree: true });
