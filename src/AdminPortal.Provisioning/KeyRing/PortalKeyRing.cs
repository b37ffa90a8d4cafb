using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml.Linq;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.KeyRing;

/// <summary>
/// What the portal and the framework seal and open with. The framework's own provider reads the key ring once a day, and
/// asks for a key that it does not know in its first two minutes only: a value that another process sealed with a new key
/// would not open. This one reads the ring anew when a value names a key that it does not know, when it is told to, and
/// when <see cref="KeyRingWatch"/> sees that it has changed; with it, the certificates.
/// </summary>
internal sealed class PortalKeyRing(
    IDbContextFactory<PortalDb> databases, KeyRingStore store, KeyRingSettings settings, IOptions<KeyManagementOptions> management, ILoggerFactory loggers) : IDataProtectionProvider
{
    private readonly Lock _gate = new();
    private readonly ILogger _logger = loggers.CreateLogger<PortalKeyRing>();
    private volatile KeyRingGeneration? _current;
    private string? _refused;

    /// <summary>The ring as it was read last.</summary>
    public KeyRingGeneration Current
    {
        get
        {
            if (_current is { } current) return current;
            lock (_gate) return _current ??= Begin();
        }
    }

    /// <inheritdoc />
    public IDataProtector CreateProtector(string purpose) => new FollowingProtector(this, null, purpose);

    /// <summary>The key that is sealed with now.</summary>
    public Guid FindDefaultKey() => SealedHeader.KeyIdOf(Current.Provider.CreateProtector("AdminPortal.KeyRing.Default").Protect([]).AsSpan())
        ?? throw new InvalidOperationException("Data Protection seals in a way that this version does not know.");

    /// <summary>Makes a new key, which seals from now on.</summary>
    public Guid CreateKey()
    {
        lock (_gate)
        {
            // The framework goes by the system's clock.
            var now = TimeProvider.System.GetUtcNow();
            var key = Current.Manager.CreateNewKey(now, now + management.Value.NewKeyLifetime).KeyId;
            _ = RefreshIfChanged();
            var used = FindDefaultKey();
            return used == key ? key : throw new InvalidOperationException($"A new key was made, {key}, and the key ring goes on with {used}.");
        }
    }

    /// <summary>Reads the ring anew where it is another than before.</summary>
    /// <returns>Whether it was.</returns>
    public bool RefreshIfChanged()
    {
        lock (_gate)
        {
            var current = Current;
            var ring = Read();
            return ring.Stamp != current.Stamp && Take(current, Make(ring, current));
        }
    }

    /// <summary>Reads ring and certificates anew.</summary>
    public void Refresh()
    {
        lock (_gate)
        {
            var current = Current;
            _ = Take(current, Make(Read(), current));
        }
    }

    /// <summary>Whether there is a newer ring than the one in which a key was not found.</summary>
    public bool LearnsOf(Guid? key, KeyRingGeneration than)
    {
        if (key is not { } id || than.Knows(id)) return false;
        if (_current != than) return true;
        // A key is stored before anything is sealed with it: one that was not there once does not turn up later.
        if (than.IsMissing(id)) return false;
        if (RefreshIfChanged() || _current != than) return true;
        than.Miss(id);
        return false;
    }

    // The first use of an empty ring makes its first key: read once more, so that the keys that open are known.
    private KeyRingGeneration Begin()
    {
        var first = Make(Read(), null);
        if (!management.Value.AutoGenerateKeys) return first;
        _ = first.Provider.CreateProtector("AdminPortal.KeyRing.Default").Protect([]);
        return Read() is var ring && ring.Stamp != first.Stamp ? Make(ring, first) : first;
    }

    private bool Take(KeyRingGeneration current, KeyRingGeneration next)
    {
        // What opened before has to open afterwards: a certificate may have been exchanged on another machine and not on this one yet.
        var lost = current.Keys.Where(key => key.Opens && next.Keys.Any(other => other.Id == key.Id && !other.Opens)).ToList();
        if (lost.Count > 0)
        {
            if (_refused != next.Stamp) KeysLog.RingNotTaken(_logger, lost.Count);
            _refused = next.Stamp;
            return false;
        }

        _refused = null;
        _current = next;
        return true;
    }

    private KeyRingGeneration Make(Entries ring, KeyRingGeneration? before)
    {
        var files = KeyRingCertificates.Load(settings.Read());
        // Those that are in memory go on opening: the former file is often gone when the new one is there.
        var opensWith = new[] { files.Current, files.Previous }.Concat(before?.OpensWith ?? []).OfType<X509Certificate2>().DistinctBy(certificate => certificate.Thumbprint).ToList();
        return new KeyRingGeneration(
            new KeyRingSnapshot(ring.Elements, store), ring.Stamp, files.Current ?? (files.Problems.Count > 0 ? before?.WrapsWith : null), opensWith, management.Value, loggers);
    }

    private Entries Read()
    {
        using var db = databases.CreateDbContext();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        List<XElement> elements = [];
        foreach (var entry in db.ReadKeyRing())
        {
            hash.AppendData(BitConverter.GetBytes(entry.Id));
            hash.AppendData(Encoding.UTF8.GetBytes(entry.Xml));
            elements.Add(XElement.Parse(entry.Xml));
        }

        return new Entries(elements, Convert.ToHexString(hash.GetHashAndReset()));
    }

    private sealed record Entries(IReadOnlyList<XElement> Elements, string Stamp);
}
