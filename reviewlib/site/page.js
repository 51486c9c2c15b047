// Print from the page; close a row's panel with Escape and go back to the number that opened it.
for (const button of document.querySelectorAll('button.print')) {
  button.hidden = false
  button.addEventListener('click', () => print())
}
let opener = null
document.addEventListener('click', event => {
  const link = event.target.closest('a[href^="#row-"]')
  if (link && !link.closest('.record:target')) opener = link
})
const close = event => {
  if (!document.querySelector('.record:target')) return
  event.preventDefault()
  location.replace('#closed')
  if (opener) opener.focus({ preventScroll: true })
}
document.addEventListener('keydown', event => event.key === 'Escape' && close(event))
document.addEventListener('click', event => event.target.closest('.record-close a') && close(event))
