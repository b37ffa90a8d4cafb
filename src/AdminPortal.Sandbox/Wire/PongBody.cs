namespace AdminPortal.Sandbox.Wire;

/// <param name="Valid">Not in the swagger; one client of 2022 reads it.</param>
internal sealed record PongBody(string DateTime, string Endpoint, bool Valid);
