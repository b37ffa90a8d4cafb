namespace AdminPortal.Provisioning.Storage;

/// <summary>One element of the Data Protection key ring, as XML; wrapped where a certificate is configured.</summary>
public sealed class KeyRingEntry
{
    public int Id { get; init; }

    public required string FriendlyName { get; init; }

    public required string Xml { get; init; }
}
