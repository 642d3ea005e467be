// Shows the whole command: the invitation stands behind the # of this page's address and never reaches a log.
const command = document.getElementById("command");
if (command && (location.hash.length > 1 || location.pathname !== "/join")) {
  command.textContent = `portrea join "${location.href}" --name "Votre nom"`;
}
