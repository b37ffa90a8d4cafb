using System.Xml.Linq;
using AdminPortal.Domain.Keys;
using AdminPortal.Storage;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;

namespace AdminPortal.Provisioning.KeyRing;

/// <summary>Keeps the key ring in the portal's database, so that a copy of the file and its certificate is a whole backup.</summary>
internal sealed class KeyRingStore(IDbContextFactory<PortalDb> databases, KeyRingSettings settings) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = databases.CreateDbContext();
        return [.. db.ReadKeyRing().Select(entry => XElement.Parse(entry.Xml))];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = databases.CreateDbContext();
        var xml = element.ToString(SaveOptions.DisableFormatting);
        var signature = RecordSignature.SignEntry(KeyRingCertificates.Load(settings.Read()).Current, xml);
        db.KeyRing.Add(new KeyRingEntry { FriendlyName = friendlyName, Xml = xml, Signature = signature });
        db.SaveChanges();
    }
}
