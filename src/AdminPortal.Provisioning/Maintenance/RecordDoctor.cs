using System.Globalization;
using AdminPortal.Domain.Settings;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>Doctor's examination of the activity record: mark, head, guards, key ring, anchors and every row.</summary>
internal static class RecordDoctor
{
    private const string Topic = "activity record";
    private const int Shown = 5;

    private const string Evidence =
        "Keep a copy of the database file as it is, find out who could write to it, and compare it with a backup from before. "
        + "Then restore a backup, or go on with what is there: AdminPortal accept-record.";

    /// <summary>Examines. The connection has to be open.</summary>
    public static async Task<IReadOnlyList<Finding>> ExamineAsync(
        PortalDb db, PortalOptions options, string directory, string? against, IStringLocalizer<ProvisioningText> texts, CancellationToken cancellationToken)
    {
        if (against is not null && !File.Exists(against) && !Directory.Exists(against))
            return [Bad($"There is no file or directory {against} with anchors.", "Name the file or the directory that anchors were written to.")];
        if (against is null && options.Activity.AnchorDirectory is { Length: > 0 } own && !Directory.Exists(own))
            return [Bad($"The directory {own} of Portal:Activity:AnchorDirectory does not exist.", "Create it, or mount it.")];
        var places = ReadAnchors(options, directory, against);
        var certificates = KeyRingCertificates.Load(options.KeyRing);
        using var probe = KeyRingProbe.Over(db.ReadKeyRing(), certificates, out _);
        // What is wrong with the key ring is reported already.
        if (probe is null) return [];
        var seen = await new RecordExaminer(probe.Box, probe.Protection, certificates).ExamineAsync(db, places, cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];
        if (certificates.Current is null)
        {
            findings.Add(new Finding(
                FindingLevel.Warning, Topic, "The key ring is not wrapped by a certificate, and nothing is guaranteed: anyone who can write to the database file can rewrite the record.",
                "Set Portal:KeyRing:CertificatePath, start the portal, and run: AdminPortal rewrap."));
        }

        findings.AddRange(seen.Findings.Select(finding => Bad(finding.Text(texts), RemedyOf(finding.Kind))));
        switch (seen.State)
        {
            case RecordState.New:
                findings.Add(Ok("It is empty; the next start of the portal begins its chain."));
                return findings;
            case RecordState.BeforeChain:
                findings.Add(Ok("It was written by a version without a chain; the next start of the portal chains and marks it once."));
                return findings;
            case RecordState.FirstRelease:
                findings.Add(Ok("It was written by the first release; the next start of the portal verifies and marks it once."));
                break;
            default:
                break;
        }

        findings.AddRange(Describe(seen, against));
        if (seen is { Head: not null, Key: { } key }) findings.AddRange(await VerifyAsync(db, key, cancellationToken).ConfigureAwait(false));
        else findings.Add(Bad("No row of it can be verified: its key does not open, or its head is missing.", Evidence));
        return findings;
    }

    private static List<AnchorPlace> ReadAnchors(PortalOptions options, string directory, string? against)
    {
        if (against is not null) return [Read(against)];
        List<AnchorPlace> places = [Read(AnchorFiles.BesideDatabase(directory))];
        if (options.Activity.AnchorDirectory is { Length: > 0 } own) places.Add(Read(own) with { MustHaveAnchors = true });
        else if (options.Backup.Directory is { Length: > 0 } backups) places.Add(Read(backups));
        return places;
    }

    private static AnchorPlace Read(string place)
    {
        try
        {
            return new AnchorPlace(place, AnchorFiles.Read(place));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new AnchorPlace(place, [new AnchorLine($"{place}: {exception.Message}", null)]);
        }
    }

    private static IEnumerable<Finding> Describe(RecordExamination seen, string? against)
    {
        foreach (var verdict in seen.Anchors.Where(verdict => verdict.Newest is not null && verdict.Findings.Count == 0))
        {
            yield return Ok(string.Create(
                CultureInfo.InvariantCulture, $"It agrees with the anchor of {verdict.Newest!.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC at row {verdict.Newest.Sequence} ({verdict.Place})."));
        }

        if (seen.Anchors.Any(verdict => verdict.Newest is not null || verdict.Findings.Count > 0)) yield break;
        yield return against is null
            ? Ok("There is no anchor to compare it with: an older copy of the database would not be noticed. A running portal writes one within seconds.")
            : Bad($"There is no anchor in {against}.", "Name the file or the directory that anchors were written to.");
    }

    private static async Task<IReadOnlyList<Finding>> VerifyAsync(PortalDb db, byte[] key, CancellationToken cancellationToken)
    {
        if (await ActivityCheck.RunAsync(db, _ => key, cancellationToken).ConfigureAwait(false) is not { } result) return [];
        List<Finding> findings = [];
        if (result.Break is { } first)
        {
            var more = result.Broken > 1 ? string.Create(CultureInfo.InvariantCulture, $" It is the first of {result.Broken} such places.") : "";
            findings.Add(Bad($"Rows were changed by something other than the portal. {first}{more}", Evidence));
        }
        else
        {
            var range = result.Lines == 0 ? "It holds no row" : string.Create(CultureInfo.InvariantCulture, $"All {result.Lines} rows are as they were written, {result.FirstId} to {result.LastId}");
            findings.Add(Ok($"{range}; it ends with {result.Fingerprint}."));
        }

        findings.AddRange(result.Noted.Take(Shown).Select(noted => Bad($"It states an earlier finding in {noted}", Evidence)));
        if (result.Unproved > 0)
        {
            findings.Add(new Finding(
                FindingLevel.Warning, Topic, string.Create(CultureInfo.InvariantCulture, $"{result.Unproved} rows before row {result.FirstId} cannot be verified: their key was lost, or the record was accepted by command."),
                "Compare them with a backup from before, and keep that backup. They can never be verified again."));
        }

        if (result.Left > 0)
        {
            findings.Add(new Finding(
                FindingLevel.Warning, Topic, string.Create(CultureInfo.InvariantCulture, $"{result.Left} rows before row {result.FirstId} were exported and are still there. They are not verified."),
                "A running portal removes them within a day."));
        }

        return findings;
    }

    private static string RemedyOf(RecordFindingKind kind) => kind switch
    {
        RecordFindingKind.MarkNotSigned => "If the certificate was configured only now: AdminPortal rewrap. It wraps the keys and signs the mark. Otherwise somebody removed the signature: keep a copy of the file, and restore a backup.",
        RecordFindingKind.AnchorsMissing => "This is right if the directory was configured just now. Otherwise see that it is mounted, and that nobody removed its files.",
        RecordFindingKind.AnchorDamaged => "A power loss can cut off the last line. Compare the file with a copy, and remove the damaged line.",
        RecordFindingKind.AnchorNotGenuine => "Anchors of another portal, or of a key that is lost, belong in another directory. If there was no other portal, find out who could write to the file.",
        RecordFindingKind.KeyNotWrapped or RecordFindingKind.KeyNotSigned => "Find out who could write to the database file. Then rotate the key and remove the old keys on the page Keys: nothing is sealed with the foreign key any more.",
        RecordFindingKind.AnchorAhead or RecordFindingKind.AnchorDiffers or RecordFindingKind.AnchorNewer or RecordFindingKind.AnchorOfAnotherDatabase =>
            "If a backup was copied into place by hand, or a restore was interrupted, restore it with: AdminPortal restore <file>. Otherwise find out who replaced the file or removed its write-ahead log, and restore the newest backup. "
            + "To go on with what is there: AdminPortal accept-record.",
        _ => Evidence,
    };

    private static Finding Ok(string text) => new(FindingLevel.Ok, Topic, text);

    private static Finding Bad(string text, string remedy) => new(FindingLevel.Problem, Topic, text, remedy);
}
