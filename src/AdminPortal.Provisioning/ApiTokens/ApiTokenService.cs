using System.Globalization;
using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.ApiTokens;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Access;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.ApiTokens;

/// <summary>
/// API tokens: make, list, revoke, and look up who calls. A token never lets more be done than its person's role allows
/// at the time of the call, and nothing once the person is disabled or removed, or while a second factor is required and the
/// person has none. A new password does not end it: scripts do not sign in, and who suspects a token revokes it.
/// </summary>
public sealed class ApiTokenService(
    IDbContextFactory<PortalDb> databases,
    IValidator<ApiTokenInput> validator,
    IOptions<PortalOptions> options,
    TimeProvider clock,
    IStringLocalizer<ProvisioningText> texts,
    Gate gate)
{
    /// <summary>How many tokens that work one person may have.</summary>
    public const int MaxTokens = 20;

    private static readonly TimeSpan UseNotedEvery = TimeSpan.FromMinutes(1);

    /// <summary>How long a token that ended is still shown.</summary>
    private static readonly TimeSpan EndedShownFor = TimeSpan.FromDays(30);

    /// <summary>A person's own tokens, newest first; those that ended lately among them.</summary>
    public async Task<IReadOnlyList<ApiTokenLine>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await ReadAsync(db, db.ApiTokens.Where(token => token.PersonId == actor.PersonId), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The tokens of everybody else, newest first, for whoever looks after people.</summary>
    public async Task<Result<IReadOnlyList<ApiTokenLine>>> ListOthersAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.ManagePeople, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var lines = await ReadAsync(db, db.ApiTokens.Where(token => token.PersonId != actor.PersonId), cancellationToken).ConfigureAwait(false);
        return lines.ToArray();
    }

    /// <summary>Makes a token, for somebody who has lately proved who they are: it opens the portal for months.</summary>
    /// <returns>The token with its value: a secret, to be shown once.</returns>
    public async Task<Result<MadeApiToken>> MakeAsync(ApiTokenInput input, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalUnlessConfirmedAsync(actor, Operation.KeepTokens, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        if (validator.Check(input) is { Length: > 0 } invalid) return invalid;
        foreach (var scope in input.Scopes)
        {
            if (!ApiScopes.Allows(actor.Role, scope)) return new Problem(ProblemKind.Invalid, texts["Token.Role", Word(scope)], nameof(ApiTokenInput.Scopes));
        }

        var now = clock.GetUtcNow();
        var value = ApiTokenValue.Create();
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var person = await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.Id == actor.PersonId && row.DisabledAt == null, cancellationToken).ConfigureAwait(false);
        if (person is null) return new Problem(ProblemKind.NotNow, texts["Token.NoPerson"]);
        var working = await db.ApiTokens.CountAsync(row => row.PersonId == person.Id && row.RevokedAt == null && row.ExpiresAt > now, cancellationToken).ConfigureAwait(false);
        if (working >= MaxTokens) return new Problem(ProblemKind.NotNow, texts["Token.TooMany", MaxTokens]);

        var token = new ApiToken
        {
            Id = Guid.CreateVersion7(now),
            PersonId = person.Id,
            Name = input.Name.Trim(),
            Scopes = [.. ApiScopes.All.Where(input.Scopes.Contains).Select(scope => scope.ToString())],
            Hash = ApiTokenValue.Hash(value),
            CreatedAt = now,
            ExpiresAt = now.AddDays(input.Days),
        };
        db.ApiTokens.Add(token);
        var line = Describe(token, person.UserName, person.DisabledAt, hasFactor: true, now);
        db.Note(
            actor, now, ActivityAction.ApiTokenMade, token.Name,
            detail: texts["Token.Made", string.Join(", ", line.Scopes.Select(Word)), token.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return new MadeApiToken(line, value);
    }

    /// <summary>Ends a token for good: one's own, or anybody's for whoever looks after people.</summary>
    public async Task<Result<Done>> RevokeAsync(Guid id, Actor actor, CancellationToken cancellationToken)
    {
        if (await gate.RefusalAsync(actor, Operation.KeepTokens, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var mayAll = Permissions.Allows(actor, Operation.ManagePeople);
        var token = await db.ApiTokens.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id && (mayAll || row.PersonId == actor.PersonId), cancellationToken).ConfigureAwait(false);
        if (token is null) return new Problem(ProblemKind.NotFound, texts["Token.Gone"]);
        var now = clock.GetUtcNow();
        var ended = await db.ApiTokens.Where(row => row.Id == id && row.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.RevokedAt, (DateTimeOffset?)now), cancellationToken).ConfigureAwait(false);
        if (ended == 0) return new Problem(ProblemKind.NotNow, texts["Token.Ended"]);
        var whose = token.PersonId == actor.PersonId
            ? null
            : await db.Users.Where(person => person.Id == token.PersonId).Select(person => person.UserName).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        db.Note(actor, now, ActivityAction.ApiTokenRevoked, token.Name, detail: whose);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return default(Done);
    }

    /// <summary>Looks up who calls, and remembers that and from where the token was used, once a minute at most.</summary>
    /// <param name="value">What was presented. It is looked up by its hash: how long that takes tells nothing of it.</param>
    /// <param name="from">The address of the request.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ApiTokenLook> FindAsync(string? value, string? from, CancellationToken cancellationToken)
    {
        if (!ApiTokenValue.HasForm(value)) return new ApiTokenLook(ApiTokenState.Unknown, null);
        var hash = ApiTokenValue.Hash(value!);
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var withFactor = WithFactor(db);
        var found = await db.ApiTokens.AsNoTracking().Where(token => token.Hash == hash)
            .Join(db.Users, token => token.PersonId, person => person.Id, (token, person) => new
            {
                Token = token,
                person.UserName,
                person.Role,
                person.DisabledAt,
                HasFactor = withFactor.Any(other => other.Id == person.Id),
            })
            .SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (found is null) return new ApiTokenLook(ApiTokenState.Unknown, null);
        var now = clock.GetUtcNow();
        if (StateOf(found.Token, found.DisabledAt, found.HasFactor, now) is not ApiTokenState.Good and var state) return new ApiTokenLook(state, null);

        var longAgo = now - UseNotedEvery;
        if (found.Token.LastUsedAt is null || found.Token.LastUsedAt <= longAgo)
        {
            var address = OutsideText.Clean(from, ApiToken.MaxFromLength);
            // Of several calls at once, one writes.
            await db.ApiTokens.Where(row => row.Id == found.Token.Id && (row.LastUsedAt == null || row.LastUsedAt <= longAgo)).ExecuteUpdateAsync(
                set => set.SetProperty(row => row.LastUsedAt, (DateTimeOffset?)now).SetProperty(row => row.LastUsedFrom, address), cancellationToken).ConfigureAwait(false);
        }

        return new ApiTokenLook(ApiTokenState.Good, new ApiCaller(
            found.Token.Id, found.Token.Name, found.Token.PersonId, found.UserName ?? "", Enum.IsDefined(found.Role) ? found.Role : null, ApiScopes.Read(found.Token.Scopes)));
    }

    /// <summary>Ends all tokens of a person, in the caller's transaction.</summary>
    internal static Task<int> EndAllAsync(PortalDb db, Guid person, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.ApiTokens.Where(token => token.PersonId == person && token.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(token => token.RevokedAt, (DateTimeOffset?)now), cancellationToken);

    private async Task<IReadOnlyList<ApiTokenLine>> ReadAsync(PortalDb db, IQueryable<ApiToken> tokens, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var since = now - EndedShownFor;
        var withFactor = WithFactor(db);
        var rows = await tokens.AsNoTracking().Where(token => token.ExpiresAt > since && (token.RevokedAt == null || token.RevokedAt > since))
            .Join(db.Users, token => token.PersonId, person => person.Id, (token, person) => new
            {
                Token = token,
                person.UserName,
                person.DisabledAt,
                HasFactor = withFactor.Any(other => other.Id == person.Id),
            })
            .OrderByDescending(row => row.Token.CreatedAt).ThenByDescending(row => row.Token.Id)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => Describe(row.Token, row.UserName, row.DisabledAt, row.HasFactor, now))];
    }

    // Everybody, where no second factor is required.
    private IQueryable<PortalUser> WithFactor(PortalDb db) => options.Value.SignIn.RequireSecondFactor ? db.Users.Where(RequiredSecondFactor.IsMet(db)) : db.Users;

    private static ApiTokenLine Describe(ApiToken token, string? person, DateTimeOffset? disabledAt, bool hasFactor, DateTimeOffset now) =>
        new(token.Id, token.PersonId, person ?? "", token.Name, ApiScopes.Read(token.Scopes), token.CreatedAt, token.ExpiresAt, StateOf(token, disabledAt, hasFactor, now))
        {
            LastUsedAt = token.LastUsedAt,
            LastUsedFrom = token.LastUsedFrom,
        };

    private static ApiTokenState StateOf(ApiToken token, DateTimeOffset? disabledAt, bool hasFactor, DateTimeOffset now) =>
        token.RevokedAt is not null ? ApiTokenState.Revoked
        : token.ExpiresAt <= now ? ApiTokenState.Expired
        : disabledAt is not null ? ApiTokenState.PersonDisabled
        : !hasFactor ? ApiTokenState.SecondFactorMissing
        : ApiTokenState.Good;

    private string Word(ApiScope scope) => texts[$"Token.Scope.{scope}"];
}
