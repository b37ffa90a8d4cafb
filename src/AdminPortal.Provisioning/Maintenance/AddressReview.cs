using AdminPortal.Domain.Text;
using AdminPortal.Provisioning.Users;
using AdminPortal.Storage;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>Finds users from earlier releases whose email address breaks the rule, or is the same as another user's. They keep working.</summary>
internal static class AddressReview
{
    private const string Topic = "signing in";
    private const int Named = 5;

    public static async Task<IReadOnlyList<Finding>> RunAsync(PortalDb db, CancellationToken cancellationToken)
    {
        var addresses = await db.Users.Where(user => user.UserName != null).OrderBy(user => user.NormalizedUserName).Select(user => user.UserName!)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        List<Finding> findings = [];
        if (addresses.Where(address => !EmailAddress.IsValid(address)).ToList() is { Count: > 0 } wrong)
        {
            findings.Add(new Finding(
                FindingLevel.Warning, Topic, $"{wrong.Count} users have an address that is not an email address by the present rule: {Name(wrong)}. They can sign in, and their attempts are counted.",
                "Invite them with a correct address, and remove the old user."));
        }

        if (addresses.GroupBy(EmailAddress.Key).Where(same => same.Count() > 1).SelectMany(same => same).ToList() is { Count: > 0 } twice)
        {
            findings.Add(new Finding(
                FindingLevel.Warning, Topic, $"{twice.Count} users have addresses that look the same: {Name(twice)}.", "Find out on the page People which of them is used, and remove the other."));
        }

        return findings;
    }

    private static string Name(List<string> addresses) =>
        string.Join(", ", addresses.Take(Named).Select(address => $"\"{OutsideText.Clean(address, PersonInput.MaxEmailLength)}\"")) + (addresses.Count > Named ? ", …" : "");
}
