namespace AdminPortal.Sandbox.Wire;

internal sealed record CountBody(int TotalInstances, int ElementInstances);
