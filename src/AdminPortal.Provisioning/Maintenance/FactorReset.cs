using AdminPortal.Domain;
using AdminPortal.Domain.Access;
using AdminPortal.Domain.Secrets;
using AdminPortal.Domain.Settings;
using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Users;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>Lets in again who has lost every second factor, where no administrator is left to do it: whoever has the machine runs the portal.</summary>
public sealed class FactorReset(IOptions<PortalOptions> options, IHostEnvironment environment, IDbContextFactory<PortalDb> databases, PeopleService people)
{
    /// <summary>Takes a person's authenticator app, recovery codes and passkeys away, while the portal runs or not.</summary>
    /// <returns>The person's email.</returns>
    public async Task<Result<string>> RunAsync(string email, CancellationToken cancellationToken)
    {
        var file = Path.Combine(PortalDatabase.DataDirectory(options.Value, environment), PortalDatabase.FileName);
        if (!File.Exists(file)) return new Problem(ProblemKind.NotFound, $"There is no database {file}. Check Portal:DataDirectory.");
        try
        {
            Guid? id;
            await using (var db = await databases.CreateDbContextAsync(cancellationToken).ConfigureAwait(false))
            {
                if ((await db.Database.GetPendingMigrationsAsync(cancellationToken).ConfigureAwait(false)).Any())
                    return new Problem(ProblemKind.NotNow, "The database is of an older version. Start the portal once, which brings it up to date, and try again.");
                id = (await db.FindByAddressAsync(email, cancellationToken).ConfigureAwait(false))?.Id;
            }

            var listed = await people.ListAsync(Actor.Portal, cancellationToken).ConfigureAwait(false);
            if (listed.Value.FirstOrDefault(person => person.Id == id) is not { } found)
                return new Problem(ProblemKind.NotFound, $"Nobody has the email {OutsideText.Clean(email, PersonInput.MaxEmailLength)}. Nothing was changed.");
            if (!found.HasFactors) return new Problem(ProblemKind.NotNow, $"{found.Email} has no second factor. Nothing was changed.");
            var reset = await people.ResetFactorsAsync(found.Id, Actor.Portal, cancellationToken).ConfigureAwait(false);
            return reset.Succeeded ? found.Email : reset.Problems.ToArray();
        }
        catch (Exception exception) when (DatabaseFile.IsTrouble(exception))
        {
            return new Problem(ProblemKind.Refused, $"The second factor could not be reset. {DatabaseFile.Explain(exception)}");
        }
        catch (SecretUnreadableException)
        {
            return new Problem(ProblemKind.Refused, "The key of the activity record does not open, and nothing is changed that cannot be written down. Run \"AdminPortal doctor\".");
        }
    }
}
