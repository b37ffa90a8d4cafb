namespace AdminPortal.Provisioning.Tests.Model;

/// <summary>The portal did what the model does not allow.</summary>
internal sealed class ModelViolationException(string message) : Exception(message);
