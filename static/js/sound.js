// Two soft notes, made here: there is no file. Browsers are silent before the first click or key, and so is this.
(() => {
  "use strict";

  const NOTES = [[660, 0], [880, 0.16]];
  const NOTE_S = 0.32;
  let audio = null;

  /** Play the notes; `volume` is in percent. */
  helpdesk.beep = (volume) => {
    if (!volume || !window.AudioContext || navigator.userActivation?.hasBeenActive === false) return;
    audio ??= new AudioContext();
    audio.resume().catch(() => {});
    for (const [frequency, after] of NOTES) play(frequency, audio.currentTime + after, volume / 250);
  };

  function play(frequency, at, loudness) {
    const note = audio.createOscillator();
    const gain = audio.createGain();
    note.frequency.value = frequency;
    gain.gain.setValueAtTime(loudness, at);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + NOTE_S);
    note.connect(gain).connect(audio.destination);
    note.start(at);
    note.stop(at + NOTE_S);
  }
})();
