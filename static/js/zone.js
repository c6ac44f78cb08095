// A day begins where its reader is: forms with a day say in which time zone.
helpdesk.forEach("[data-zone]", (input) => {
  input.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
});
