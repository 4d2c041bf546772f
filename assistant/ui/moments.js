
// Moments are told in the reader's own time.
new MutationObserver(() => {
  for (const time of document.querySelectorAll('time[data-moment]')) {
    const at = new Date(time.dateTime);
    time.removeAttribute('data-moment');
    if (!isNaN(at)) time.textContent = at.toLocaleString(document.documentElement.lang, { dateStyle: 'long', timeStyle: 'short' });
  }
}).observe(document.documentElement, { childList: true, subtree: true });
