// A day begins where its reader is: forms with a day say in which time zone.
helpdesk.forEach("input[data-zone]", (input) => {
  input.value = helpdesk.timeZone;
});
