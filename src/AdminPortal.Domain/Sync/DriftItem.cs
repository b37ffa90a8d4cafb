namespace AdminPortal.Domain.Sync;

/// <summary>One difference between the platform and the portal, as the account's last sync found it.</summary>
public sealed class DriftItem : IVersioned
{
    /// <summary>The portal's id: of the instance that is known, or the one it gets when it is adopted.</summary>
    public required Guid Id { get; init; }

    public required Guid PlatformAccountId { get; init; }

    /// <summary>The sync that found it; its row there holds the platform's side.</summary>
    public required Guid RunId { get; set; }

    public required DriftKind Kind { get; set; }

    public required long PlatformId { get; init; }

    public required string Name { get; set; }

    public required string ElementKey { get; set; }

    /// <summary>Field by field, platform against portal; empty for what is on one side only.</summary>
    public required List<DriftField> Fields { get; set; }

    /// <summary>The differences as one text: an item that was ignored comes back when they change.</summary>
    public required string Fingerprint { get; set; }

    public bool Ignored { get; set; }

    public int Version { get; set; }
}

/// <summary>One field that differs. <paramref name="Name"/> is one of <c>Name, Tags, State, AccountServer</c>.</summary>
public sealed record DriftField(string Name, string? Platform, string? Portal);

/// <summary>The sorts of difference. The names are stored; their words are resources named <c>Drift.{name}</c>.</summary>
public enum DriftKind
{
    OnlyOnPlatform,
    OnlyHere,
    Changed,
}
