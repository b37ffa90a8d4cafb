namespace AdminPortal.Provisioning.Keys;

/// <summary>Names the resource file with the texts of the key ring's services.</summary>
public sealed class KeysText;
