using AdminPortal.Domain.Settings;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.KeyRing;

/// <summary>How the key ring of a database stands with the certificates that are configured.</summary>
public enum KeyRingState
{
    /// <summary>It opens.</summary>
    Opens,

    /// <summary>There is nothing yet that it would have to open.</summary>
    Unused,

    /// <summary>It does not open what was sealed with it.</summary>
    DoesNotOpen,

    /// <summary>An entry of it is damaged.</summary>
    Damaged,
}

/// <summary>
/// Sees before the portal takes traffic whether the key ring opens: by a known value, and in a database that has none
/// yet, by the secrets that are stored.
/// </summary>
public sealed class KeyRingGuard(IDbContextFactory<PortalDb> databases, IOptions<PortalOptions> options)
{
    /// <summary>What a person does about a key ring that does not open.</summary>
    internal const string Remedy =
        "Set Portal:KeyRing:CertificatePath and Portal:KeyRing:CertificatePassword to the certificate that this database was used with; "
        + "after a change of certificates, Portal:KeyRing:PreviousCertificatePath to the former one. With the certificate everything opens again. "
        + "If the database itself was damaged or exchanged, restore a backup: AdminPortal restore <file>. "
        + "Where the certificate is lost for good: names, ids, tags, states, history and people remain, the instances live on at the platform, and a sync reads their tokens anew. "
        + "Lost are the client secrets, organization and user secrets, encrypted keys and codes that are under way, which have to be entered anew, and the proof of the activity record's lines so far. "
        + "To go on that way: AdminPortal forget-secrets, which keeps a copy of the database first.";

    // So many secrets are tried in a database without the known value: one damaged row says nothing of the others.
    private const int Samples = 20;

    /// <summary>Checks the key ring, and writes nothing: the known value is written with the mark of the activity record.</summary>
    /// <returns>Null when it opens; otherwise what is wrong and what to do.</returns>
    public async Task<string?> CheckAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return Sentence(await ExamineAsync(db, options.Value.KeyRing, cancellationToken).ConfigureAwait(false)) is { } sentence ? $"{sentence} {Remedy}" : null;
    }

    /// <summary>Looks at the key ring of any database, and writes nothing.</summary>
    internal static async Task<KeyRingState> ExamineAsync(PortalDb db, KeyRingOptions options, CancellationToken cancellationToken)
    {
        var entries = db.ReadKeyRing();
        using var probe = KeyRingProbe.Over(entries, KeyRingCertificates.Load(options), out _);
        if (probe is null) return KeyRingState.Damaged;

        if (db.ReadCanary() is { } canary) return probe.Opens(canary) ? KeyRingState.Opens : KeyRingState.DoesNotOpen;

        var tried = 0;
        await foreach (var stored in StoredSecrets.ReadAllAsync(db, cancellationToken).ConfigureAwait(false))
        {
            if (probe.Opens(stored) || probe.OpensFormer(stored)) return KeyRingState.Opens;
            if (++tried == Samples) break;
        }

        return tried == 0 ? KeyRingState.Unused : KeyRingState.DoesNotOpen;
    }

    /// <summary>What is wrong, as a sentence; null where nothing is.</summary>
    internal static string? Sentence(KeyRingState state) => state switch
    {
        KeyRingState.DoesNotOpen => "The key ring in the database does not open with the configured certificate, so that no stored secret would open either.",
        KeyRingState.Damaged => "The key ring in the database is damaged: one of its entries is not readable any more, and what was sealed with it would not open.",
        _ => null,
    };
}
