// The one-time code comes in the fragment, which no server or log sees; here it moves into the form and leaves the address bar.
"use strict";

const field = document.getElementById("first-admin-code");
const code = window.location.hash.slice(1);

if (field && code) {
  field.value = code;
  window.history.replaceState(null, "", window.location.pathname);
  document.getElementById("first-admin-login").focus();
}
