namespace AdminPortal.Sandbox.Wire;

internal sealed record AuthenticationBody(string Type);
