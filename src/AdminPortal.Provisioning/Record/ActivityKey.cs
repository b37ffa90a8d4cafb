using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Record;

/// <summary>
/// Finds the chain's key, and remembers it: a row that is written within a transaction must not have to wait for the key
/// ring. The key is the one that the verified mark names, whatever the head holds. Without a verified mark it is the
/// head's.
/// </summary>
public sealed class ActivityKey
{
    private readonly ISecretBox _secrets;
    private readonly KeyRingSettings _settings;
    private readonly RecordStatus _status;
    private readonly TimeProvider _clock;
    private readonly IStringLocalizer<ProvisioningText> _texts;
    private readonly ILogger<ActivityKey> _logger;
    private Known? _known;
    private Known? _trusted;
    private volatile bool _isLoaded;

    internal ActivityKey(
        ISecretBox secrets, KeyRingSettings settings, RecordStatus status, TimeProvider clock, IStringLocalizer<ProvisioningText> texts, ILogger<ActivityKey> logger)
    {
        _secrets = secrets;
        _settings = settings;
        _status = status;
        _clock = clock;
        _texts = texts;
        _logger = logger;
    }

    /// <summary>Whether the key is the one that a verified mark names.</summary>
    internal bool IsTrusted => _trusted is not null;

    /// <summary>From now on this is the key; null: it is the head's.</summary>
    internal void Trust(Sealed? sealedKey, byte[]? key)
    {
        _trusted = sealedKey is null || key is null ? null : new Known(sealedKey, key);
        _isLoaded = true;
    }

    /// <summary>Finds the key by the mark where the start has not done it: in a command.</summary>
    internal void Load(PortalDb db, ActivityHead? head)
    {
        if (_isLoaded) return;
        var mark = RecordMarks.Read(db);
        var (_, key) = RecordMarks.Verify(mark, head, _secrets, KeyRingCertificates.Load(_settings.Read()));
        // A database without a mark may get one at any moment, by the start of a portal.
        if (key is not null) Trust(mark!.Key, key);
    }

    /// <summary>The key of the record.</summary>
    /// <exception cref="SecretUnreadableException">It does not open with the key ring.</exception>
    internal byte[] Open(ActivityHead? head)
    {
        if (_trusted is { } trusted) return trusted.Key;
        var known = _known;
        if (known is not null && known.Sealed == head!.Key) return known.Key;
        known = new Known(head!.Key, _secrets.OpenRecordKey(head));
        _known = known;
        return known.Key;
    }

    /// <summary>The key that a head holds, or null if it cannot be opened.</summary>
    internal byte[]? TryRead(ActivityHead? head)
    {
        try
        {
            return head is null ? null : _secrets.OpenRecordKey(head);
        }
        catch (SecretUnreadableException)
        {
            return null;
        }
    }

    /// <summary>Seals a key.</summary>
    internal Sealed Seal(byte[] key) => _secrets.Seal(SecretKind.ActivityKey, ActivityHead.KeyOwner, SecretOrigin.Nowhere, Convert.ToBase64String(key));

    /// <summary>The sealed key for a head that is written again.</summary>
    internal Sealed SealAgain(ActivityHead? head) => _trusted is { } trusted ? Seal(trusted.Key) : head!.Key;

    /// <summary>Reports an alteration, and makes the row that states it.</summary>
    /// <returns>Null where one of the added rows states it already.</returns>
    internal ActivityEntry? Describe(RecordFinding alteration, IEnumerable<EntityEntry<ActivityEntry>> added)
    {
        var text = alteration.Text(_texts);
        if (added.Any(line => line.Entity is { Action: ActivityAction.RecordAltered } told && told.Detail == text)) return null;
        ActivityLogging.Altered(_logger, text);
        _status.Report(text);
        return Entry(text, _clock.GetUtcNow(), _texts);
    }

    /// <summary>The row that states an alteration.</summary>
    internal static ActivityEntry Entry(string text, DateTimeOffset now, IStringLocalizer<ProvisioningText> texts) => new()
    {
        At = now,
        Action = ActivityAction.RecordAltered,
        Succeeded = false,
        Subject = texts["Activity.Record"],
        Detail = OutsideText.Clean(text, ActivityEntry.MaxDetailLength),
    };

    private sealed record Known(Sealed Sealed, byte[] Key);
}
