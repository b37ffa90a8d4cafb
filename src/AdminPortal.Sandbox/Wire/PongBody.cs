namespace AdminPortal.Sandbox.Wire;

internal sealed record PongBody(string DateTime, string Endpoint);
