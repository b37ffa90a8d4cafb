namespace AdminPortal.Sandbox.Faults;

internal sealed record ErrorText(string Message);
