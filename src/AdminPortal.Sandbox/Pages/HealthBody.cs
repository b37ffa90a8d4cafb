namespace AdminPortal.Sandbox.Pages;

internal sealed record HealthBody(string Status);
