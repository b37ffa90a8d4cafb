namespace AdminPortal.Sandbox;

/// <summary>The sandbox cannot start as it is configured. The message is for the person who can change that, and names the key.</summary>
internal sealed class SandboxSettingException(string message, Exception? cause = null) : InvalidOperationException(message, cause);
