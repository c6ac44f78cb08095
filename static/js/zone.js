// A day begins where its reader is: forms with a day say in which time zone.
helpdesk.forEach("input[data-zone]", (input) => {
  input.value = helpdesk.timeZone;
});

// A time that stands in a field is that of the same place.
helpdesk.forEach("input[data-at]", (input) => {
  const written = new Intl.DateTimeFormat("sv", { timeZone: helpdesk.timeZone, dateStyle: "short", timeStyle: "short" });
  input.value ||= written.format(new Date(input.dataset.at)).replace(" ", "T");
});
