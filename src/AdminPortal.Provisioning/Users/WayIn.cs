using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Activity;
using AdminPortal.Domain.Users;
using AdminPortal.Provisioning.Record;
using AdminPortal.Provisioning.Secrets;
using AdminPortal.Provisioning.Shared;
using AdminPortal.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Users;

/// <summary>What the link of the console does: see <see cref="ConsoleLinks"/>. It works while local sign-in is off too.</summary>
public sealed class WayIn(IDbContextFactory<PortalDb> databases, IServiceScopeFactory scopes, SignInWays ways, TimeProvider clock, IStringLocalizer<ProvisioningText> texts)
{
    /// <summary>Whom a link is for; null for one that is not good (any more).</summary>
    public async Task<string?> FindAsync(string? code, CancellationToken cancellationToken)
    {
        if (!OneTimeValue.HasForm(code)) return null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await Linked(db, code!).Select(person => person.Email).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Uses a link, once: the caller signs the person in. Sessions that were open end.</summary>
    /// <param name="code">The secret part of the link.</param>
    /// <param name="password">A new password; not looked at where passwords are not taken.</param>
    /// <param name="from">The address of the request.</param>
    /// <param name="cancellationToken">Gives up before anything is saved.</param>
    /// <returns>The person; what is wrong with the password; <see cref="ProblemKind.NotFound"/> for a link that is not good (any more).</returns>
    public async Task<Result<PortalUser>> UseAsync(string? code, string password, string? from, CancellationToken cancellationToken)
    {
        if (!OneTimeValue.HasForm(code)) return Gone();
        await using var scope = scopes.CreateAsyncScope();
        var identity = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        await using var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        string? hash = null;
        if (ways.TakesPasswords)
        {
            if (await Linked(db, code!).AsNoTracking().SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false) is not { } found) return Gone();
            var hashed = await PasswordVerifier.HashAsync(identity, found, password).ConfigureAwait(false);
            if (!hashed.Succeeded) return hashed.Problems.ToArray();
            hash = hashed.Value;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (await Linked(db, code!).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false) is not { } person) return Gone();
        if (hash is not null) person.PasswordHash = hash;
        person.LinkHash = null;
        person.LinkExpiresAt = null;
        person.LinkLetsIn = false;
        await AttemptLimiter.ResetAsync(db, person.Id, cancellationToken).ConfigureAwait(false);
        await KnownBrowsers.ForgetAllAsync(db, person.Id, cancellationToken).ConfigureAwait(false);
        person.SecurityStamp = Guid.NewGuid().ToString("N");
        db.Note(
            new Actor(person.Id, person.UserName) { Role = person.Role, From = from }, clock.GetUtcNow(), ActivityAction.WayInUsed, person.Email ?? person.UserName ?? "",
            detail: hash is null ? texts["WayIn.Once"] : texts["WayIn.Password"]);
        await db.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return person;
    }

    private IQueryable<PortalUser> Linked(PortalDb db, string code)
    {
        var hash = OneTimeValue.Hash(code);
        var now = clock.GetUtcNow();
        return db.Users.Where(person => person.LinkHash == hash && person.LinkExpiresAt > now && person.DisabledAt == null && person.LinkLetsIn);
    }

    private Problem Gone() => new(ProblemKind.NotFound, texts["Person.LinkGone"]);
}
