using System.Globalization;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Maintenance;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Keys;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>Doctor's examination of the key ring and of everything that is sealed with it.</summary>
internal sealed class SecretsDoctor(PortalOptions options, TimeProvider clock)
{
    public async Task<IReadOnlyList<Finding>> ExamineAsync(PortalDb db, CancellationToken cancellationToken)
    {
        var keyRing = options.KeyRing;
        var state = await KeyRingGuard.ExamineAsync(db, keyRing, cancellationToken).ConfigureAwait(false);
        if (KeyRingGuard.Sentence(state) is { } sentence) return [Finding.Bad("key ring", sentence, KeyRingGuard.Remedy)];

        var certificates = KeyRingCertificates.Load(keyRing);
        List<Finding> findings = [Finding.Ok("key ring", state == KeyRingState.Unused ? "There is nothing yet that it would have to open." : "It opens.")];
        if (certificates.Current is { } certificate && certificate.NotAfter.ToUniversalTime() < clock.GetUtcNow().UtcDateTime)
            findings.Add(Finding.Warning("key ring", "Its certificate has expired. It still opens everything.", "Take a new one as Portal:KeyRing:CertificatePath, and name this one as Portal:KeyRing:PreviousCertificatePath."));

        var entries = db.ReadKeyRing();
        using var probe = KeyRingProbe.Over(entries, certificates, out _);
        if (probe is null) return findings;

        var (all, former, unreadable) = (0, 0, new List<string>());
        await foreach (var stored in StoredSecrets.ReadAllAsync(db, cancellationToken).ConfigureAwait(false))
        {
            all++;
            if (probe.Opens(stored)) continue;
            if (probe.OpensFormer(stored)) former++;
            else unreadable.Add($"{stored.Secret.Kind} of {stored.Row} {stored.Secret.Owner} \"{OutsideText.Clean(stored.Name, 60)}\"");
        }

        findings.Add(unreadable.Count == 0
            ? Finding.Ok("secrets", former == 0 ? $"All {all} stored secrets open." : $"{all - former} of {all} stored secrets open.")
            : Finding.Bad("secrets", $"{unreadable.Count} of {all} stored secrets do not open: {Finding.Name(unreadable)}.", "Enter them anew in the portal (platform accounts, provider apps), re-authenticate the instances, reset the second factor of the people, or restore a backup."));
        findings.AddRange(LookAtResealing(db, former));
        findings.AddRange(await LookAtKeysAsync(db, entries, certificates, cancellationToken).ConfigureAwait(false));
        return findings;
    }

    // Values of the first release are not bound to the origin that they may be sent to. They are sealed again at a start, once.
    private static IEnumerable<Finding> LookAtResealing(PortalDb db, int former)
    {
        var step = db.StartSteps.AsNoTracking().SingleOrDefault(one => one.Name == StartStep.ResealSecrets);
        if (former > 0)
        {
            yield return step?.CompletedAt is null
                ? Finding.Warning("secrets", $"{former} stored secrets are not sealed for their origin yet, as the first release left them.", "Start the portal: it seals them again, after a backup, and goes on where it was interrupted.")
                : Finding.Bad("secrets", $"{former} stored secrets have the first release's form although all were sealed again on {step.CompletedAt:yyyy-MM-dd}. They do not open. They were written after resealing, by version 0.1 or by a manual change to the database.", "Find out who did that, and enter them again in the portal.");
        }
        else if (step is { CompletedAt: null })
        {
            yield return Finding.Warning("secrets", "Sealing the secrets for their origins was begun and has not ended.", "Start the portal: it goes on where it was interrupted.");
        }
        else if (step is { Unreadable: > 0 })
        {
            yield return Finding.Warning(
                "secrets", $"When the secrets were sealed for their origins on {step.CompletedAt:yyyy-MM-dd}, {step.Unreadable} did not open.", "The page Keys lists them. Enter them again in the portal.");
        }
    }

    private async Task<IReadOnlyList<Finding>> LookAtKeysAsync(PortalDb db, List<KeyRingEntry> entries, KeyRingCertificates certificates, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        var keys = entries.Select(KeyXml.Read).OfType<System.Xml.Linq.XElement>().Where(xml => KeyXml.FindKey(xml) is not null).ToList();
        if (certificates.Current is { } current && keys.Count(xml => KeyXml.FindWrap(xml)?.Thumbprint != current.Thumbprint) is > 0 and var others)
            findings.Add(Finding.Warning("key ring", $"{others} of {keys.Count} keys are not wrapped by the configured certificate.", "Wrap them anew, on the page Keys or with: AdminPortal rewrap."));

        var made = keys.Select(xml => KeyXml.FindKey(xml)!.Value).GroupBy(key => SealedHeader.PrefixOf(key.Id)).ToDictionary(group => group.Key, group => group.First().CreatedAt);
        var limit = clock.GetUtcNow() - TimeSpan.FromDays(options.KeyRing.WarnAfterDays);
        var old = (await SealedCounts.ReadAsync(db, cancellationToken).ConfigureAwait(false)).SelectMany(column => column.ByPrefix)
            .Where(count => made.TryGetValue(count.Key, out var at) && at < limit).Sum(count => count.Value);
        if (old > 0)
        {
            findings.Add(Finding.Warning(
                "key ring", string.Create(CultureInfo.InvariantCulture, $"{old} values are sealed with a key that is older than {options.KeyRing.WarnAfterDays} days."), "Rotate the key on the page Keys."));
        }

        return findings;
    }
}
