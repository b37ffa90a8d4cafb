using System.Security.Cryptography.X509Certificates;
using System.Xml.Linq;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Keys;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.Keys;

/// <summary>Wraps the keys of the ring anew with the certificate that is configured now, while portals run.</summary>
public sealed class KeyWrapping
{
    private readonly IDbContextFactory<PortalDb> _databases;
    private readonly PortalKeyRing _ring;
    private readonly KeyRingSettings _settings;
    private readonly Gate _gate;
    private readonly TimeProvider _clock;
    private readonly IStringLocalizer<ProvisioningText> _texts;
    private readonly ILoggerFactory _loggers;

    internal KeyWrapping(
        IDbContextFactory<PortalDb> databases, PortalKeyRing ring, KeyRingSettings settings, Gate gate, TimeProvider clock, IStringLocalizer<ProvisioningText> texts, ILoggerFactory loggers)
    {
        _databases = databases;
        _ring = ring;
        _settings = settings;
        _gate = gate;
        _clock = clock;
        _texts = texts;
        _loggers = loggers;
    }

    /// <summary>Reads the certificates anew, opens every key with any of them, and wraps it with the current one.</summary>
    /// <returns>How many keys were wrapped anew.</returns>
    public async Task<Result<int>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (await _gate.RefusalUnlessConfirmedAsync(actor, Operation.ManageKeys, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        var files = KeyRingCertificates.Load(_settings.Read());
        if (files.Problems.Count > 0) return files.Problems.Select(problem => new Problem(ProblemKind.Invalid, problem)).ToArray();
        if (files.Current is not { } current) return new Problem(ProblemKind.Invalid, _texts["Keys.Wrap.NoCertificate"]);

        await using var db = await _databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var entries = db.ReadKeyRing();
        var signed = RecordMarks.ReadEntries(db);
        X509Certificate2[] opening = [.. new[] { current, files.Previous }.OfType<X509Certificate2>(), .. _ring.Current.OpensWith];
        List<(KeyRingEntry Entry, string Xml)> anew = [];
        foreach (var entry in entries)
        {
            if (KeyXml.Read(entry) is not { } xml) return new Problem(ProblemKind.NotNow, _texts["Keys.Wrap.Damaged", entry.Id]);
            if (KeyXml.FindKey(xml) is not { } key || KeyXml.FindWrap(xml)?.Thumbprint == current.Thumbprint) continue;
            if (KeyXml.Unwrap(xml, opening) is not { } plain) return new Problem(ProblemKind.NotNow, _texts["Keys.Wrap.DoesNotOpen", key.Id]);
            var wrapped = KeyXml.Wrap(plain, current, _loggers).ToString(SaveOptions.DisableFormatting);
            // What the new certificate alone does not open takes nothing's place.
            if (KeyXml.Unwrap(XElement.Parse(wrapped), [current]) is not { } back || !KeyXml.AreSame(back, plain)) return new Problem(ProblemKind.Refused, _texts["Keys.Wrap.ReadBack", key.Id]);
            anew.Add((entry, wrapped));
        }

        await using (var signing = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false))
        {
            // Where nothing is wrapped anew, the certificate may still be new to the mark of the record.
            if (anew.Count == 0 && await RecordMarks.SignAgainAsync(db, current, opening, signed, cancellationToken).ConfigureAwait(false))
                await signing.CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        if (anew.Count > 0)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            foreach (var (entry, xml) in anew)
            {
                var written = await db.KeyRing.Where(row => row.Id == entry.Id && row.Xml == entry.Xml).ExecuteUpdateAsync(set => set.SetProperty(row => row.Xml, xml), cancellationToken).ConfigureAwait(false);
                if (written == 0) return new Problem(ProblemKind.Stale, _texts["Keys.Wrap.Stale"]);
            }

            if (FindUnopened(db, current) is { } id) return new Problem(ProblemKind.Refused, _texts["Keys.Wrap.ReadBack", id]);
            _ = await RecordMarks.SignAgainAsync(db, current, opening, signed, cancellationToken).ConfigureAwait(false);
            db.Note(actor, _clock.GetUtcNow(), ActivityAction.KeysWrapped, _texts["Keys.Subject"], detail: _texts["Keys.Wrap.Done", anew.Count, current.Subject, current.Thumbprint]);
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        await Task.Run(_ring.Refresh, cancellationToken).ConfigureAwait(false);
        return anew.Count;
    }

    // Read back from the database, before the old text is given up.
    private static string? FindUnopened(PortalDb db, X509Certificate2 current)
    {
        var entries = db.ReadKeyRing();
        foreach (var entry in entries)
        {
            if (KeyXml.Read(entry) is not { } xml || KeyXml.Unwrap(xml, [current]) is null) return entry.FriendlyName;
        }

        using var probe = KeyRingProbe.Over(entries, new KeyRingCertificates(current, null, []), out _);
        return db.ReadCanary() is not { } canary || probe?.Opens(canary) == true ? null : "canary";
    }
}
