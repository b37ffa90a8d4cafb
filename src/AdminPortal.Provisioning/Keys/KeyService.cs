using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Keys;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Background;
using AdminPortal.Provisioning.KeyRing;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Keys;

/// <summary>The key ring: look at it, begin a rotation, wrap it anew, remove keys that nothing needs any more.</summary>
public sealed class KeyService
{
    /// <summary>So long after a rotation old keys stay: every process has seen the new key by then, many times over.</summary>
    public static readonly TimeSpan KeepOldKeys = TimeSpan.FromMinutes(10);

    /// <summary>So many entries of the quarantine are shown at once.</summary>
    public const int Shown = 50;

    /// <summary>Values sealed in a second where no rotation has told it: less than half of what two cores do.</summary>
    private const double UsualRate = 10_000;

    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    private readonly IDbContextFactory<PortalDb> _databases;
    private readonly PortalKeyRing _ring;
    private readonly KeyRingSettings _settings;
    private readonly KeyWrapping _wrapping;
    private readonly ChangeFeed _feed;
    private readonly Gate _gate;
    private readonly TimeProvider _clock;
    private readonly IStringLocalizer<ProvisioningText> _texts;

    internal KeyService(
        IDbContextFactory<PortalDb> databases, PortalKeyRing ring, KeyRingSettings settings, KeyWrapping wrapping, ChangeFeed feed, Gate gate, TimeProvider clock,
        IStringLocalizer<ProvisioningText> texts)
    {
        _databases = databases;
        _ring = ring;
        _settings = settings;
        _wrapping = wrapping;
        _feed = feed;
        _gate = gate;
        _clock = clock;
        _texts = texts;
    }

    /// <summary>How the key ring stands.</summary>
    public async Task<Result<KeysOverview>> FindAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (await _gate.RefusalAsync(actor, Operation.ManageKeys, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await _databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await SettleAsync(db, cancellationToken).ConfigureAwait(false);
        var entries = db.ReadKeyRing();
        var latest = await FindLatestAsync(db, cancellationToken).ConfigureAwait(false);
        var (current, keys) = await Task.Run(
            () =>
            {
                _ = _ring.RefreshIfChanged();
                return (_ring.FindDefaultKey(), _ring.Current.Keys);
            },
            cancellationToken).ConfigureAwait(false);
        var certificate = KeyRingCertificates.Load(_settings.Read()).Current;
        var wraps = entries.Select(KeyXml.Read).Where(xml => xml is not null && KeyXml.FindKey(xml) is not null).Select(xml => KeyXml.FindWrap(xml!)).ToList();
        var old = latest is { State: RotationState.Done } ? FindOld(keys, latest.KeyId) : [];
        var quarantined = await db.QuarantinedSecrets.CountAsync(cancellationToken).ConfigureAwait(false);
        var shown = await db.QuarantinedSecrets.AsNoTracking().OrderBy(entry => entry.Table).ThenBy(entry => entry.Name).ThenBy(entry => entry.Id).Take(Shown)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        return new KeysOverview(
            keys.Count,
            current.ToString("N")[..8],
            keys.FirstOrDefault(key => key.Id == current)?.CreatedAt ?? _clock.GetUtcNow(),
            [.. wraps.GroupBy(wrap => wrap?.Thumbprint).Select(group => new KeyWrap(
                group.First()?.Subject, group.Key, group.First() is { } wrap ? new DateTimeOffset(wrap.NotAfter.ToUniversalTime()) : null,
                group.First() is { } ending && ending.NotAfter.ToUniversalTime() < (_clock.GetUtcNow() + Soon).UtcDateTime, group.Count()))],
            certificate is not null,
            certificate is not null && wraps.Any(wrap => wrap?.Thumbprint != certificate.Thumbprint),
            latest is null ? null : RotationView.From(latest),
            old.Count,
            old.Count > 0 ? latest!.EndedAt + KeepOldKeys : null,
            quarantined,
            [.. shown.Select(entry => new QuarantineEntry(
                entry.Id, KindOf(SealedColumn.All.FirstOrDefault(column => column.Table == entry.Table && column.Name == entry.Column)), entry.Part, entry.Name, entry.Table, entry.Owner,
                entry.Reason, entry.FoundAt))]);
    }

    /// <summary>Counts the sealed values, and whose they are. It reads every row once, and opens nothing.</summary>
    public async Task<Result<SealedCount>> CountAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (await _gate.RefusalAsync(actor, Operation.ManageKeys, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await _databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var (current, keys) = await Task.Run(() => (_ring.FindDefaultKey(), _ring.Current.Keys), cancellationToken).ConfigureAwait(false);
        var ages = keys.GroupBy(key => SealedHeader.PrefixOf(key.Id)).ToDictionary(group => group.Key, group => group.First().CreatedAt);
        var now = SealedHeader.PrefixOf(current);
        var counts = await Task.Run(() => SealedCounts.ReadAsync(db, cancellationToken), cancellationToken).ConfigureAwait(false);
        var kinds = counts.GroupBy(count => KindOf(count.Column)).Select(group => new KindCount(
            group.Key,
            group.Sum(column => column.ByPrefix.Values.Sum()),
            group.Sum(column => column.ByPrefix.GetValueOrDefault(now)),
            group.SelectMany(column => column.ByPrefix.Keys).Select(prefix => ages.TryGetValue(prefix, out var at) ? at : (DateTimeOffset?)null).Min())).ToList();
        var last = await db.KeyRotations.AsNoTracking().Where(row => row.State == RotationState.Done).OrderByDescending(row => row.StartedAt).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        var rate = last is { Resealed: > 1000, EndedAt: { } ended } && ended > last.StartedAt ? last.Resealed / (ended - last.StartedAt).TotalSeconds : UsualRate;
        return new SealedCount(kinds, TimeSpan.FromSeconds(kinds.Sum(kind => kind.Total) / rate));
    }

    /// <summary>Makes a new key and begins to seal everything with it; the worker does it. While one runs, that one is the answer.</summary>
    /// <returns>The rotation's id.</returns>
    public async Task<Result<Guid>> RotateAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (await _gate.RefusalUnlessConfirmedAsync(actor, Operation.ManageKeys, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await _databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        if (await FindRunningAsync(db, cancellationToken).ConfigureAwait(false) is { } running) return running;

        // Before the row: killed in between, there is a key more, and it seals well.
        var key = await Task.Run(_ring.CreateKey, cancellationToken).ConfigureAwait(false);
        var now = _clock.GetUtcNow();
        var rotation = new KeyRotation
        {
            Id = Guid.CreateVersion7(now),
            KeyId = key,
            StartedAt = now,
            PersonId = actor.PersonId,
            PersonName = OutsideText.Clean(actor.Name, ActivityEntry.MaxSubjectLength),
        };
        db.KeyRotations.Add(rotation);
        db.Note(actor, now, ActivityAction.KeyRotationStarted, _texts["Keys.Subject"], detail: _texts["Keys.Rotation.Key", key.ToString("N")[..8]]);
        try
        {
            await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbUpdateException exception) when (ConstraintViolation.IsUnique(exception))
        {
            // Somebody else began one at the same moment, and the index let that one in.
            db.ChangeTracker.Clear();
            return await FindRunningAsync(db, cancellationToken).ConfigureAwait(false) is { } other ? other : new Problem(ProblemKind.NotNow, _texts["Keys.Rotation.JustEnded"]);
        }

        _feed.PublishWork(ChangeTopic.KeyRotations, rotation.Id);
        return rotation.Id;
    }

    /// <summary>Wraps the keys anew with the certificate that is configured now.</summary>
    /// <returns>How many were.</returns>
    public Task<Result<int>> WrapAsync(Actor actor, CancellationToken cancellationToken) => _wrapping.RunAsync(actor, cancellationToken);

    /// <summary>Removes the keys from before the last rotation. What they sealed and the rotation could not open is lost for good then, and every session ends that one of them sealed.</summary>
    /// <returns>How many were removed.</returns>
    public async Task<Result<int>> RemoveOldAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (await _gate.RefusalUnlessConfirmedAsync(actor, Operation.ManageKeys, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await _databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var latest = await FindLatestAsync(db, cancellationToken).ConfigureAwait(false);
        if (latest is null) return new Problem(ProblemKind.NotNow, _texts["Keys.Remove.NoRotation"]);
        if (latest.State == RotationState.Running) return new Problem(ProblemKind.NotNow, _texts["Keys.Remove.Running"]);
        var now = _clock.GetUtcNow();
        if (latest.EndedAt + KeepOldKeys > now) return new Problem(ProblemKind.NotNow, _texts["Keys.Remove.TooSoon", (int)KeepOldKeys.TotalMinutes]);

        var generation = await Task.Run(() => { _ = _ring.RefreshIfChanged(); return _ring.Current; }, cancellationToken).ConfigureAwait(false);
        var old = FindOld(generation.Keys, latest.KeyId);
        if (old.Count == 0) return new Problem(ProblemKind.NotNow, _texts["Keys.Remove.None"]);

        // The last proof, though the rotation has proved it: a value may have come from an import or a restored row since.
        var prefixes = old.Select(key => SealedHeader.PrefixOf(key.Id)).ToHashSet(StringComparer.Ordinal);
        var counts = await Task.Run(() => SealedCounts.ReadAsync(db, cancellationToken), cancellationToken).ConfigureAwait(false);
        var needing = counts.SelectMany(column => column.ByPrefix).Where(count => prefixes.Contains(count.Key)).Sum(count => count.Value);
        await SettleAsync(db, cancellationToken).ConfigureAwait(false);
        var quarantined = await db.QuarantinedSecrets.LongCountAsync(cancellationToken).ConfigureAwait(false);
        if (needing > quarantined) return new Problem(ProblemKind.NotNow, _texts["Keys.Remove.StillNeeded", needing - quarantined]);

        var entries = await db.KeyRing.AsNoTracking().ToListAsync(cancellationToken).ConfigureAwait(false);
        var ids = old.Select(key => key.Id).ToHashSet();
        var rows = entries.Where(entry => KeyXml.Read(entry) is { } xml && KeyXml.FindKey(xml) is { } key && ids.Contains(key.Id)).Select(entry => entry.Id).ToList();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var marked = await db.KeyRotations.Where(row => row.Id == latest.Id && !db.KeyRotations.Any(other => other.State == RotationState.Running))
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.OldKeysRemovedAt, now).SetProperty(row => row.Version, row => row.Version + 1), cancellationToken).ConfigureAwait(false);
        if (marked == 0) return new Problem(ProblemKind.NotNow, _texts["Keys.Remove.Running"]);
        var removed = await db.KeyRing.Where(entry => rows.Contains(entry.Id)).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        db.Note(actor, now, ActivityAction.OldKeysRemoved, _texts["Keys.Subject"], detail: _texts["Keys.Remove.Done", removed, quarantined]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        await Task.Run(_ring.RefreshIfChanged, cancellationToken).ConfigureAwait(false);
        _feed.Publish(ChangeTopic.KeyRotations, latest.Id);
        return removed;
    }

    private static string KindOf(SealedColumn? column) => column?.Kind?.ToString() ?? "Canary";

    private static List<StoredKey> FindOld(IReadOnlyList<StoredKey> keys, Guid than) =>
        keys.FirstOrDefault(key => key.Id == than) is { } known ? [.. keys.Where(key => key.CreatedAt < known.CreatedAt)] : [];

    private static Task<KeyRotation?> FindLatestAsync(PortalDb db, CancellationToken cancellationToken) =>
        db.KeyRotations.AsNoTracking().OrderByDescending(row => row.StartedAt).ThenByDescending(row => row.Id).FirstOrDefaultAsync(cancellationToken);

    private static async Task<Guid?> FindRunningAsync(PortalDb db, CancellationToken cancellationToken) =>
        await db.KeyRotations.Where(row => row.State == RotationState.Running).Select(row => (Guid?)row.Id).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Lets go of entries whose value was entered anew, or is gone with its row. Of many, those that are shown.</summary>
    private static async Task SettleAsync(PortalDb db, CancellationToken cancellationToken)
    {
        var entries = await db.QuarantinedSecrets.AsNoTracking().OrderBy(entry => entry.Table).ThenBy(entry => entry.Name).ThenBy(entry => entry.Id).Take(Shown * 4)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        if (entries.Count == 0) return;
        List<Guid> settled = [];
        await db.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var entry in entries)
            {
                var column = SealedColumn.All.FirstOrDefault(one => one.Table == entry.Table && one.Name == entry.Column);
                await using var command = column?.Find(db, entry.RowKey);
                var text = command is null ? null : await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
                if (text is null || !Quarantine.FingerprintOf(text).AsSpan().SequenceEqual(entry.Fingerprint)) settled.Add(entry.Id);
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync().ConfigureAwait(false);
        }

        if (settled.Count > 0) await db.QuarantinedSecrets.Where(entry => settled.Contains(entry.Id)).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
    }
}
