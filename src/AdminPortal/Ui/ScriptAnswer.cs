namespace AdminPortal.Ui;

/// <summary>What the browser's script tells of a form that it sent by itself; never what was in it, nor a secret that came back.</summary>
/// <param name="Done">Whether the portal did what it was asked for.</param>
/// <param name="Message">What stood in the way, as a sentence; null where there was no answer.</param>
/// <param name="Field">The field that the sentence points at; null for none.</param>
public sealed record ScriptAnswer(bool Done, string? Message, string? Field);
